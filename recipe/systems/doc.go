// Package systems has the published experiments: [Recipes] are systems by name, each with the figures that show that it
// works, its baseline, its controls and its targets, and [Demo] is the house's own comparison. The parts are those of
// package recipe; docs/systems.md has the results.
package systems

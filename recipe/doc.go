// Package recipe wires the parts of ito into whole systems: [Train] fits a model to a table, [Sample]
// draws from it, [Recipes] are published experiments by name with the figures that show that they
// work, [Demo] is the house's own comparison, and [VSDM] is the facade of ten lines.
package recipe

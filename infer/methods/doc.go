// Package methods registers the samplers of the house with package infer, by name and with what their settings mean:
// one line of the table each. Import it for its effect.
package methods

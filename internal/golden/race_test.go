//go:build race

package golden_test

const race = true

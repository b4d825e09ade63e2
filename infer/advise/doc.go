// Package advise looks at densities and draws for package infer: a pilot that finds modes and their extent ([Survey],
// [Modes]), from which it chooses a method ([Advise]) and where that begins ([Cover]); a density without an integral
// ([Improper]); and whether draws stand in the right proportions ([Trust], [CheckSpread], [FindSwitch]).
package advise

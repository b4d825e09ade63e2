// Package encode leads between the cells of a table and the states that a network learns, and back, exactly: decoding
// the state of a row gives the row.
//
// A number goes through the normal quantile of its rank, with the jitter of its own lattice, so that its column
// is N(0,1) in the states whatever it was, and comes back on the lattice within the bounds of the data. A level is a
// corner of a regular simplex; where there are many, one corner for each of a few digits. A missing number is a level
// of its own beside a number that is masked. A date is a week, a day of the week, and a time of the day.
//
// [Table] is what a model file holds of it, [Source] what training draws from: rows of states, and as their condition
// some of their own cells, a random subset each time, so that a model can be asked for the law of any columns given
// any others.
package encode

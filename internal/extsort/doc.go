// Package extsort sorts columns of numbers that may be longer than memory, each number with the place at which it was.
package extsort

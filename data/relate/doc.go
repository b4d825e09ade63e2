// Package relate reads several tables of which one has the rows that the rows of the others belong to, such as
// customers and their orders, and is what a model of them consists of.
package relate

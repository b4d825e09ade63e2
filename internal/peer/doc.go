// Package peer lets a test take turns with a program of another language: a script that answers each line with a line.
package peer

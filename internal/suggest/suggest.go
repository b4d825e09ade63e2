// Package suggest finds the known word that a mistyped one was probably meant to be, and says so.
package suggest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Nearest returns the word of known with the smallest edit distance to word, letter case aside, or ""
// when none is near: the distance must not exceed a third of the longer word, rounded up. A known word
// that begins with word counts as near whatever its length. Of equally near words the first wins.
func Nearest(word string, known []string) string {
	best, bestDistance := "", -1
	w := strings.ToLower(word)
	for _, k := range known {
		c := strings.ToLower(k)
		longest := max(utf8.RuneCountInString(w), utf8.RuneCountInString(c))
		d := distance(w, c)
		if d > (longest+2)/3 {
			if w == "" || !strings.HasPrefix(c, w) {
				continue
			}
		}
		if bestDistance < 0 || d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

const (
	beside = 12 // words that are listed beside the nearest one: who is told the word needs no long list
	most   = 40 // words that are listed at all
)

// Among is what to do about a word that is not among the known, for the end of an error: the nearest and, where
// they are few, all of them; or all where none is near.
func Among(word string, known []string) string {
	all := strings.Join(known[:min(len(known), most)], ", ")
	if more := len(known) - most; more > 0 {
		all += fmt.Sprintf(" and %d more", more)
	}
	switch near := Nearest(word, known); {
	case near == "":
		return "choose one of " + all
	case len(known) > beside:
		return fmt.Sprintf("did you mean %q?", near)
	default:
		return fmt.Sprintf("did you mean %q? There are %s", near, all)
	}
}

// distance is the optimal string alignment distance: insertions, deletions, substitutions and swaps of
// neighbouring letters, each at cost 1. Cost O(len(a)·len(b)).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, above, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range t {
			d := above[j]
			if s[i] != t[j] {
				d++
			}
			d = min(d, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
		}
	}
	return row[len(t)]
}

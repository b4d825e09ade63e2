package model

import "slices"

// stanValue is a translated expression: its text, how tightly it binds, and what Stan calls it.
type stanValue struct {
	text string
	prec int // 0 loosest … 9 an atom
	kind stanKind
}

// stanKind is a type: int, real, vector, row_vector or matrix, in so many arrays.
type stanKind struct {
	base   string
	arrays int
}

func (k stanKind) is(bases ...string) bool { return k.arrays == 0 && slices.Contains(bases, k.base) }

// element is the kind of an element.
func (k stanKind) element() stanKind {
	switch {
	case k.arrays > 0:
		return stanKind{k.base, k.arrays - 1}
	case k.base == "matrix":
		return stanKind{"row_vector", 0}
	}
	return stanKind{"real", 0}
}

// rank is the number of axes.
func (k stanKind) rank() int {
	r := k.arrays
	switch k.base {
	case "vector", "row_vector":
		r++
	case "matrix":
		r += 2
	}
	return r
}

func (v stanValue) at(prec int) string {
	if v.prec < prec {
		return "(" + v.text + ")"
	}
	return v.text
}

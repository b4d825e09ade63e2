package ito

import (
	"fmt"
	"strings"
)

// Space is what a state is: named parts with a shape each, one behind the other in a row of [States], and what keeps a
// state legal. The zero Space is of no state; [FlatSpace] is a row of numbers.
type Space struct {
	Parts []Part `json:"parts"`
	// Mask says where a state's condition tells which nodes there are; nil: all.
	Mask *NodeMask `json:"mask,omitempty"`
}

// Part is one part of a state, row-major.
type Part struct {
	Name string `json:"name"`
	// an image [16,16,3], a window [24,7], node features [n,f], pairs of nodes [n,n]
	Shape  []int `json:"shape"`
	Levels int   `json:"levels,omitempty"` // > 0: tokens, whole numbers 0 … Levels−1; 0: real numbers
	// Nodes is the number of leading axes that run over nodes: 0, 1 or 2. Such a part is zero where a node is not
	// there.
	Nodes     int  `json:"nodes,omitempty"`
	Symmetric bool `json:"symmetric,omitempty"` // of two node axes: the part is its own transpose in them
	Hollow    bool `json:"hollow,omitempty"`    // of two node axes: nothing stands between a node and itself
	Centred   bool `json:"centred,omitempty"`   // of one node axis: the mean over the nodes is zero, feature by feature
}

// NodeMask is the place of the mask in a condition: entry At+i is 1 where node i is there, and 0 where not.
type NodeMask struct {
	At int `json:"at"`
	N  int `json:"n"`
}

// FlatSpace is a row of d numbers, a part "x".
func FlatSpace(d int) Space { return Space{Parts: []Part{{Name: "x", Shape: []int{d}}}} }

// Size is the number of values of a part.
func (p Part) Size() int {
	n := 1
	for _, s := range p.Shape {
		n *= s
	}
	return n
}

// Dim is the number of values of a state.
func (s Space) Dim() int {
	d := 0
	for _, p := range s.Parts {
		d += p.Size()
	}
	return d
}

// String is the space in words: x[16,16,3]; nodes[9,4] of nodes, centred; "" for the zero Space.
func (s Space) String() string {
	var parts []string
	for _, p := range s.Parts {
		text := p.Name + strings.ReplaceAll(fmt.Sprint(p.Shape), " ", ",")
		switch p.Nodes {
		case 1:
			text += " of nodes"
		case 2:
			text += " of pairs of nodes"
		}
		for _, w := range []struct {
			is   bool
			word string
		}{{p.Levels > 0, fmt.Sprintf("%d levels", p.Levels)}, {p.Symmetric, "symmetric"}, {p.Hollow, "hollow"},
			{p.Centred, "centred"}} {
			if w.is {
				text += ", " + w.word
			}
		}
		parts = append(parts, text)
	}
	if m := s.Mask; m != nil {
		parts = append(parts, fmt.Sprintf("mask of %d nodes", m.N))
	}
	return strings.Join(parts, "; ")
}

// Tokens reports a space of tokens only; Real one of numbers only.
func (s Space) Tokens() bool {
	for _, p := range s.Parts {
		if p.Levels == 0 {
			return false
		}
	}
	return len(s.Parts) > 0
}

// Real reports a space of numbers only.
func (s Space) Real() bool {
	for _, p := range s.Parts {
		if p.Levels > 0 {
			return false
		}
	}
	return len(s.Parts) > 0
}

// Free reports a space all of whose rows are legal: [Space.Project] changes nothing.
func (s Space) Free() bool {
	for _, p := range s.Parts {
		if p.Symmetric || p.Hollow || p.Centred || p.Levels > 0 || p.Nodes > 0 && s.Mask != nil {
			return false
		}
	}
	return true
}

// maxSpace bounds the values of a state.
const maxSpace = 1 << 24

// Check reports a space that is none: *InputError.
func (s Space) Check() error {
	bad := func(format string, args ...any) error {
		return &InputError{Where: "space", What: fmt.Sprintf(format, args...)}
	}
	if len(s.Parts) == 0 {
		return bad("it has no parts")
	}
	names, d := map[string]bool{}, 0
	for _, p := range s.Parts {
		if p.Name == "" || names[p.Name] {
			return bad("two parts are called %q, or one has no name", p.Name)
		}
		names[p.Name] = true
		n := 1
		for _, k := range p.Shape {
			if k < 1 || n > maxSpace/k {
				return bad("part %s has shape %v", p.Name, p.Shape)
			}
			n *= k
		}
		if d += n; d > maxSpace {
			return bad("it has more than %d values", maxSpace)
		}
		square := p.Nodes == 2 && len(p.Shape) >= 2 && p.Shape[0] == p.Shape[1]
		switch {
		case p.Nodes < 0 || p.Nodes > 2 || p.Nodes > len(p.Shape) || p.Nodes == 2 && !square:
			return bad("part %s has %d axes of nodes in shape %v", p.Name, p.Nodes, p.Shape)
		case (p.Symmetric || p.Hollow) && p.Nodes != 2:
			return bad("part %s is to be symmetric or hollow and has no pairs of nodes", p.Name)
		case p.Centred && (p.Nodes != 1 || p.Levels > 0):
			return bad("part %s is to be centred and has no nodes with numbers", p.Name)
		case p.Levels < 0:
			return bad("part %s has %d levels", p.Name, p.Levels)
		case p.Nodes > 0 && s.Mask != nil && p.Shape[0] != s.Mask.N:
			return bad("part %s has %d nodes, the mask %d", p.Name, p.Shape[0], s.Mask.N)
		}
	}
	if m := s.Mask; m != nil && (m.At < 0 || m.N < 1) {
		return bad("the mask is at %d of length %d", m.At, m.N)
	}
	return nil
}

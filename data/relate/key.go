package relate

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Key names the columns by which rows of a child belong to a row of the parent: column i of Child holds what column i
// of Parent has.
type Key struct {
	Parent []string `json:"parent"`
	Child  []string `json:"child"`
}

// ParseKey reads a key: customer_id, id=customer_id where the child's column has another name, or several columns,
// shop,number=order_number.
func ParseKey(text string) (Key, error) {
	var k Key
	for part := range strings.SplitSeq(text, ",") {
		parent, child, other := strings.Cut(part, "=")
		if !other {
			child = parent
		}
		parent, child = strings.TrimSpace(parent), strings.TrimSpace(child)
		if parent == "" || child == "" {
			return k, &ito.InputError{Where: "`key`", What: fmt.Sprintf("%q names no columns", text),
				Do: "write it like customer_id, or id=customer_id for columns of two names, parent's first"}
		}
		k.Parent, k.Child = append(k.Parent, parent), append(k.Child, child)
	}
	return k, nil
}

// String is the key as [ParseKey] reads it.
func (k Key) String() string {
	var parts []string
	for i, p := range k.Parent {
		if k.Child[i] != p {
			p += "=" + k.Child[i]
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, ",")
}

// keyOf is what rows of two tables that belong together have in common; "" where a cell is missing. 7 and 7.0 are one,
// and 07 is another.
func keyOf(cells []string, at []int, row []float64, in []int) string {
	if len(at) == 1 {
		if row[in[0]] != row[in[0]] {
			return ""
		}
		return Plain(cells[at[0]])
	}
	var b strings.Builder
	for i, k := range at {
		if row[in[i]] != row[in[i]] {
			return ""
		}
		b.WriteString(Plain(cells[k]))
		b.WriteByte(0)
	}
	return b.String()
}

// Plain takes .0 from a whole number, as programs write it whose columns of whole numbers cannot have gaps.
func Plain(cell string) string {
	whole, rest, point := strings.Cut(cell, ".")
	if point && rest != "" && strings.Trim(rest, "0") == "" && whole != "" && strings.Trim(whole, "0123456789") == "" {
		return whole
	}
	return cell
}

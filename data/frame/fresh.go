package frame

import (
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Fresh reports identifiers of fixed width that samples with ids up to last would outgrow: *ito.InputError. Codes of
// one prefix count on from the data's largest to the last of as many digits, whole numbers beyond, hexadecimal ones are
// a permutation of all that there are, so that none comes twice.
func (s Schema) Fresh(last uint64) error {
	for k := range s.Columns {
		c := &s.Columns[k]
		if c.Kind != Identifier {
			continue
		}
		left, digits := uint64(math.MaxUint64), c.Width
		if c.Hex {
			if digits = c.places(); digits < 16 {
				left = 1 << (4 * digits)
			}
		} else if digits > 0 && digits < 20 {
			most := uint64(1)
			for range digits {
				most *= 10
			}
			if left = most - min(c.Next, most); c.Prefix == "" && !c.Padded && c.Next >= most/10 {
				left = math.MaxUint64 // numbers without leading zeros grow longer
			}
		}
		if last < left {
			continue
		}
		return &ito.InputError{Where: "column " + c.Name, What: fmt.Sprintf("its codes have %d digits, and %d are "+
			"left behind those of the data: sample %d would have none", digits, left, last),
			Do: fmt.Sprintf("draw samples 0 to %d, or train with the column left out by `ignore=%s`", left-1, c.Name)}
	}
	return nil
}

// places is the number of digits of a hexadecimal pattern.
func (c *Column) places() int { return strings.Count(strings.ToLower(c.Prefix), "x") }

// hexadecimal fills the pattern of a column: with fewer than 16 digits by a permutation of their numbers, of eight
// rounds of Feistel's, else by random ones.
func (c *Column) hexadecimal(key rng.Key, id uint64) string {
	digits := "0123456789abcdef"
	if strings.Contains(c.Prefix, "X") {
		digits = "0123456789ABCDEF"
	}
	places := c.places()
	number := id
	if bits := 2 * places; places < 16 {
		mask := uint64(1)<<bits - 1
		left, right := number>>bits&mask, number&mask
		for round := range uint32(8) {
			left, right = right, left^key.Uint64(right, round)&mask
		}
		number = left<<bits | right
	}
	out := []byte(c.Prefix)
	at := 0
	for i, r := range out {
		if r != 'x' && r != 'X' {
			continue
		}
		if places < 16 {
			out[i] = digits[number>>(4*at)&15]
		} else {
			out[i] = digits[key.Uint64(id, uint32(i))%16]
		}
		at++
	}
	return string(out)
}

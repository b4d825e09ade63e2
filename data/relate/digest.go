package relate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// digest names a list of rows.
func digest(rows []int32) string {
	h := sha256.New()
	b := make([]byte, 0, 1<<12)
	for _, r := range rows {
		if b = binary.LittleEndian.AppendUint32(b, uint32(r)); len(b) == cap(b) {
			h.Write(b)
			b = b[:0]
		}
	}
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// Digest names the rows of all tables and which of them belong together.
func (t *Tables) Digest() string {
	h := sha256.New()
	h.Write([]byte(t.Parent.Digest()))
	for i := range t.Children {
		c := &t.Children[i]
		h.Write([]byte(strings.Join([]string{c.Name, c.Key.String(), c.Frame.Digest(), digest(c.Of)}, "\n")))
	}
	return hex.EncodeToString(h.Sum(nil))
}

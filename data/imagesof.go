package data

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// ImagesOf are images of bytes [n,h,w,c] that are in memory, channels last, which it keeps; labels has a row for each,
// nil for none. Whatever is wrong is an *ito.InputError.
func ImagesOf(name string, pixels []byte, h, w, c int, labels *Table) (*Images, error) {
	d := h * w * c
	if d < 1 || len(pixels) == 0 || len(pixels)%d != 0 {
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("%d bytes are no images of %d×%d×%d", len(pixels),
			h, w, c), Do: "give h·w·c bytes for each"}
	}
	head := []byte{0, 0, 8, 4}
	for _, n := range []int{len(pixels) / d, h, w, c} {
		head = binary.BigEndian.AppendUint32(head, uint32(n))
	}
	all := append(head, pixels...)
	s, err := numberImages(name, bytes.NewReader(all), int64(len(all)), nil)
	if err == nil && labels != nil {
		err = s.label(labels, nil, nil)
	}
	return s, err
}

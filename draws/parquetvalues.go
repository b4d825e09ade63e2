package draws

import (
	"encoding/binary"
)

// The encodings of Parquet.
const (
	encodingPlain, encodingDictionaryOld, encodingRLE      = 0, 2, 3
	encodingDelta, encodingDictionary, encodingByteStreams = 5, 8, 9
)

// values fill dst with the next values of a page.
type values interface{ decode(dst []float64) error }

var errValuesShort = damaged("a page has fewer values than it says")

// decoder reads the n values of a page that are not null.
func (k *parquetKind) decoder(encoding int64, b []byte, n int, dictionary []float64) (values, error) {
	switch {
	case encoding == encodingPlain && k.physical == parquetBoolean:
		return &runValues{runs: runs{b: b, width: 1, left: len(b) * 8, packed: true}, of: []float64{0, 1}}, nil
	case encoding == encodingPlain:
		return &plainValues{kind: k, b: b}, nil
	case encoding == encodingRLE && k.physical == parquetBoolean:
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return nil, errValuesShort
		}
		return &runValues{runs: runs{b: b[4:][:binary.LittleEndian.Uint32(b)], width: 1}, of: []float64{0, 1}}, nil
	case encoding == encodingDictionary || encoding == encodingDictionaryOld:
		if dictionary == nil {
			return nil, damaged("a page has a dictionary that is not there")
		}
		if n == 0 {
			return &runValues{}, nil
		}
		if len(b) == 0 || b[0] > 32 {
			return nil, damaged("numbers of values have no width")
		}
		return &runValues{runs: runs{b: b[1:], width: int(b[0])}, of: dictionary}, nil
	case encoding == encodingDelta && (k.physical == parquetInt32 || k.physical == parquetInt64):
		return newDeltaValues(k, b)
	case encoding == encodingByteStreams && k.width > 0 && k.physical != parquetBoolean:
		if len(b) < n*k.width {
			return nil, errValuesShort
		}
		return &streamValues{kind: k, b: b, n: len(b) / k.width, one: make([]byte, k.width)}, nil
	}
	return nil, damaged("the encoding %d is none of such numbers", encoding)
}

// plainValues are one behind the other.
type plainValues struct {
	kind *parquetKind
	b    []byte
}

func (p *plainValues) decode(dst []float64) error {
	for i := range dst {
		w := p.kind.width
		if w == 0 {
			if len(p.b) < 4 {
				return errValuesShort
			}
			n := binary.LittleEndian.Uint32(p.b)
			p.b = p.b[4:]
			if n > 1<<10 || int(n) > len(p.b) {
				return errValuesShort
			}
			w = int(n)
		}
		if len(p.b) < w {
			return errValuesShort
		}
		dst[i] = p.kind.value(p.b[:w])
		p.b = p.b[w:]
	}
	return nil
}

// streamValues have their first bytes together, then their second, …
type streamValues struct {
	kind  *parquetKind
	b     []byte
	n, at int
	one   []byte
}

func (s *streamValues) decode(dst []float64) error {
	if len(dst) > s.n-s.at {
		return errValuesShort
	}
	for i := range dst {
		for k := range s.one {
			s.one[k] = s.b[k*s.n+s.at]
		}
		s.at++
		dst[i] = s.kind.value(s.one)
	}
	return nil
}

// runs are numbers of a fixed width, run lengths or packed bits: the hybrid encoding of levels and of numbers in a
// dictionary.
type runs struct {
	b      []byte
	width  int
	left   int  // of the run
	packed bool // the run has a number each; else one for all
	same   uint32
	bit    int // of b, at which the next packed number begins
}

func (r *runs) next() (uint32, error) {
	for r.left == 0 {
		if r.bit > 0 { // the run before was packed, in whole bytes
			r.b, r.bit = r.b[min((r.bit+7)/8, len(r.b)):], 0
		}
		head, n := binary.Uvarint(r.b)
		if n <= 0 || head>>1 > 1<<31 {
			return 0, errValuesShort
		}
		r.b = r.b[n:]
		if r.packed = head&1 == 1; r.packed {
			r.left = 8 * int(head>>1)
			continue
		}
		r.left = int(head >> 1)
		w := (r.width + 7) / 8
		if len(r.b) < w {
			return 0, errValuesShort
		}
		r.same = 0
		for i, v := range r.b[:w] {
			r.same |= uint32(v) << (8 * i)
		}
		r.b = r.b[w:]
	}
	r.left--
	if !r.packed {
		return r.same, nil
	}
	v, ok := bits(r.b, r.bit, r.width)
	if !ok {
		return 0, errValuesShort
	}
	r.bit += r.width
	return uint32(v), nil
}

// bits are width bits from bit at on, the lowest first.
func bits(b []byte, at, width int) (v uint64, ok bool) {
	if at+width > 8*len(b) {
		return 0, false
	}
	for done := 0; done < width; {
		from, n := (at+done)%8, min(8-(at+done)%8, width-done)
		v |= uint64(b[(at+done)/8]>>from&(1<<n-1)) << done
		done += n
	}
	return v, true
}

// runValues are numbers of values in a list.
type runValues struct {
	runs
	of []float64
}

func (r *runValues) decode(dst []float64) error {
	for i := range dst {
		k, err := r.next()
		if err != nil {
			return err
		}
		if uint64(k) >= uint64(len(r.of)) {
			return damaged("value %d of a dictionary of %d", k, len(r.of))
		}
		dst[i] = r.of[k]
	}
	return nil
}

// deltaValues are integers as differences, in blocks with a least difference each and packed bits of what is above it.
type deltaValues struct {
	kind                *parquetKind
	b                   []byte
	perBlock, miniature int
	total, done         int
	last, least         uint64
	widths              []byte // of the miniature blocks of this block that are not yet begun
	width, bit, left    int    // of the miniature block
	one                 [8]byte
}

func newDeltaValues(k *parquetKind, b []byte) (*deltaValues, error) {
	d := &deltaValues{kind: k}
	t := thriftReader{b: b} // whose numbers are written alike
	block, parts, total, first := t.uvarint(), t.uvarint(), t.uvarint(), t.int()
	if t.err != nil || block == 0 || block > 1<<20 || parts == 0 || parts > block || block%parts != 0 ||
		block/parts%8 != 0 || total > 1<<31 {
		return nil, damaged("differences of integers have no blocks")
	}
	d.b, d.perBlock, d.miniature, d.total, d.last = t.b, int(parts), int(block/parts), int(total), uint64(first)
	return d, nil
}

func (d *deltaValues) decode(dst []float64) error {
	for i := range dst {
		if d.done == d.total {
			return errValuesShort
		}
		if d.done > 0 {
			if err := d.step(); err != nil {
				return err
			}
		}
		d.done++
		binary.LittleEndian.PutUint64(d.one[:], d.last)
		dst[i] = d.kind.value(d.one[:d.kind.width])
	}
	return nil
}

// step adds the next difference.
func (d *deltaValues) step() error {
	for d.left == 0 {
		d.b, d.bit = d.b[min((d.bit+7)/8, len(d.b)):], 0
		if len(d.widths) == 0 {
			t := thriftReader{b: d.b}
			d.least = uint64(t.int())
			if t.err != nil || len(t.b) < d.perBlock {
				return errValuesShort
			}
			d.widths, d.b = t.b[:d.perBlock], t.b[d.perBlock:]
		}
		d.width, d.widths, d.left = int(d.widths[0]), d.widths[1:], d.miniature
		if d.width > 64 {
			return damaged("differences of %d bits", d.width)
		}
	}
	v, ok := bits(d.b, d.bit, d.width)
	if !ok {
		return errValuesShort
	}
	d.bit += d.width
	d.left--
	d.last += d.least + v
	return nil
}

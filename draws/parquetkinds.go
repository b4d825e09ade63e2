package draws

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/seed9a7962a8/ito/internal/float16"
)

// The physical types of Parquet.
const (
	parquetBoolean = iota
	parquetInt32
	parquetInt64
	parquetInt96
	parquetFloat
	parquetDouble
	parquetBytes
	parquetFixed
)

// parquetKind says how the values of a column are written, and what number each is.
type parquetKind struct {
	physical int64
	width    int // bytes of a value; 0: every value begins with its own length
	value    func(b []byte) float64
}

// parquetSchema is what SchemaElement says of the meaning of a column.
type parquetSchema struct {
	width     int64
	converted int64 // −1: not said
	scale     int64
	logical   int64 // the member of the union LogicalType; 0: not said
	bits      int64
	unsigned  bool
}

// The members of LogicalType, and converted types, that have a meaning here.
const (
	logicalDecimal, logicalInteger, logicalUnknown, logicalFloat16 = 5, 10, 11, 15
	convertedDecimal, convertedUint8, convertedUint64              = 5, 11, 14
	convertedInt8, convertedInt64                                  = 15, 18
)

// refusedKinds name what columns hold that is no number, by the member of LogicalType and by the converted type.
var (
	refusedLogical = map[int64]string{
		1: "text", 2: "a map", 3: "a list", 4: "words", 6: "dates", 7: "times of day", 8: "points in time", 12: "JSON",
		13: "BSON", 14: "UUIDs",
	}
	refusedConverted = map[int64]string{
		0: "text", 1: "a map", 2: "a map", 3: "a list", 4: "words", 6: "dates", 7: "times of day", 8: "times of day",
		9: "points in time", 10: "points in time",
		19: "JSON", 20: "BSON", 21: "intervals",
	}
)

// readLogical reads LogicalType.
func (s *parquetSchema) readLogical(t *thriftReader) {
	t.fields(func(id int64, kind byte) {
		s.logical = id
		if kind != thriftStruct {
			t.skip(kind)
			return
		}
		t.fields(func(field int64, kind byte) {
			switch {
			case id == logicalDecimal && field == 1:
				s.scale = t.int()
			case id == logicalInteger && field == 1 && kind == thriftByte:
				s.bits = int64(t.byte())
			case id == logicalInteger && field == 2:
				s.unsigned = kind == thriftFalse
			default:
				t.skip(kind)
			}
		})
	})
}

// kind is how values are read, or why they are not.
func (s *parquetSchema) kind(physical int64) (k parquetKind, refused string) {
	k.physical = physical
	if s.logical != 0 {
		if what, ok := refusedLogical[s.logical]; ok {
			return k, what
		}
	} else if what, ok := refusedConverted[s.converted]; ok {
		return k, what
	}
	decimal := s.logical == logicalDecimal || s.logical == 0 && s.converted == convertedDecimal
	unsigned := s.logical == logicalInteger && s.unsigned || s.logical == 0 && s.converted >= convertedUint8 &&
		s.converted <= convertedUint64
	integer := s.logical == logicalInteger || s.logical == 0 && s.converted >= convertedUint8 &&
		s.converted <= convertedInt64
	if decimal && (s.scale < 0 || s.scale > 400) {
		return k, fmt.Sprintf("decimals of scale %d", s.scale)
	}
	switch physical {
	case parquetBoolean:
		k.width = 1
		k.value = func(b []byte) float64 { return float64(b[0]) }
	case parquetInt32:
		k.width = 4
		switch {
		case decimal:
			k.value = func(b []byte) float64 {
				return decimalValue(int64(int32(binary.LittleEndian.Uint32(b))),
					s.scale)
			}
		case unsigned:
			k.value = func(b []byte) float64 { return float64(binary.LittleEndian.Uint32(b)) }
		default:
			k.value = func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) }
		}
	case parquetInt64:
		k.width = 8
		switch {
		case decimal:
			k.value = func(b []byte) float64 { return decimalValue(int64(binary.LittleEndian.Uint64(b)), s.scale) }
		case unsigned:
			k.value = func(b []byte) float64 { return float64(binary.LittleEndian.Uint64(b)) }
		default:
			k.value = func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) }
		}
	case parquetFloat:
		k.width = 4
		k.value = func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }
	case parquetDouble:
		k.width = 8
		k.value = func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
	case parquetBytes, parquetFixed:
		if physical == parquetFixed {
			if s.width < 1 || s.width > 1<<10 {
				return k, fmt.Sprintf("values of %d bytes", s.width)
			}
			k.width = int(s.width)
		}
		switch {
		case decimal:
			k.value = func(b []byte) float64 { return bigDecimal(b, s.scale) }
		case s.logical == logicalFloat16 && k.width == 2:
			k.value = func(b []byte) float64 { return float64(float16.Widen(binary.LittleEndian.Uint16(b))) }
		default:
			return k, "bytes"
		}
	case parquetInt96:
		return k, "points in time"
	default:
		return k, fmt.Sprintf("values of the unknown type %d", physical)
	}
	if (physical == parquetFloat || physical == parquetDouble || physical == parquetBoolean) && (decimal || integer) {
		return k, "values whose two types contradict each other"
	}
	return k, ""
}

// decimalValue is the float64 nearest to n·10^−scale.
func decimalValue(n, scale int64) float64 {
	if scale <= 22 && n <= 1<<53 && n >= -1<<53 { // both are exact, and so the quotient is rounded once
		return float64(n) / math.Pow10(int(scale))
	}
	v, _ := strconv.ParseFloat(fmt.Sprintf("%de-%d", n, scale), 64)
	return v
}

// bigDecimal is decimalValue of a number of any length, two's complement, the highest byte first.
func bigDecimal(b []byte, scale int64) float64 {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if n.IsInt64() {
		return decimalValue(n.Int64(), scale)
	}
	v, _ := strconv.ParseFloat(fmt.Sprintf("%se-%d", n, scale), 64)
	return v
}

// dictionary is the values of a dictionary page.
func (k *parquetKind) dictionary(b []byte, n int) ([]float64, error) {
	if n > len(b) {
		return nil, errValuesShort
	}
	out := make([]float64, n)
	return out, (&plainValues{kind: k, b: b}).decode(out)
}

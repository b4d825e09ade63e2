package draws

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// The codecs of Parquet.
const (
	codecNone = iota
	codecSnappy
	codecGzip
	codecLZO
	codecBrotli
	codecLZ4 // in Hadoop's frame
	codecZstd
	codecLZ4Raw
)

// The most bytes that one byte of a codec can become. Zstandard and Brotli have no such bound: what they unpack to
// is counted while they do.
const (
	mostSnappy = 32
	mostGzip   = 1 << 11
	mostLZ4    = 256
)

// unpacker unpacks pages. Its buffers are used again.
type unpacker struct {
	zstd *zstd.Decoder
	out  []byte
}

// unpack unpacks a page of so many bytes, no more and no fewer.
func (u *unpacker) unpack(codec int64, src []byte, size int) ([]byte, error) {
	if codec == codecNone {
		if len(src) != size {
			return nil, damaged("a page of %d bytes is said to have %d", len(src), size)
		}
		return src, nil
	}
	if most, ok := map[int64]int{codecSnappy: mostSnappy, codecGzip: mostGzip, codecLZ4: mostLZ4,
		codecLZ4Raw: mostLZ4}[codec]; ok && size > most*(len(src)+16) {
		return nil, damaged("a page of %d bytes is said to unpack to %d", len(src), size)
	}
	switch codec {
	case codecSnappy:
		if n, err := snappy.DecodedLen(src); err != nil || n != size {
			return nil, damaged("a page does not unpack to the %d bytes that it should have", size)
		}
		return exactly(size)(snappy.Decode(u.room(size), src))
	case codecGzip:
		r, err := gzip.NewReader(bytes.NewReader(src))
		if err != nil {
			return nil, damaged("a page is not packed with gzip")
		}
		return u.stream(r, size)
	case codecBrotli:
		return u.stream(brotli.NewReader(bytes.NewReader(src)), size)
	case codecZstd:
		if u.zstd == nil {
			var err error
			if u.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(64<<20)); err != nil {
				return nil, err
			}
		}
		if err := u.zstd.Reset(bytes.NewReader(src)); err != nil {
			return nil, damaged("a page is not packed with Zstandard")
		}
		return u.stream(u.zstd, size)
	case codecLZ4Raw:
		return u.lz4(src, size)
	case codecLZ4:
		if out, ok := u.hadoop(src, size); ok {
			return out, nil
		}
		return u.lz4(src, size) // some writers left Hadoop's frame out
	}
	return nil, fmt.Errorf("it is packed with the codec %d, which is not read: pack it with Zstandard or Snappy", codec)
}

// room is size bytes.
func (u *unpacker) room(size int) []byte {
	if cap(u.out) < size {
		u.out = make([]byte, size)
	}
	return u.out[:size]
}

// stream reads size bytes, with memory for those that are there.
func (u *unpacker) stream(r io.Reader, size int) ([]byte, error) {
	b := bytes.NewBuffer(u.out[:0])
	_, err := io.Copy(b, io.LimitReader(r, int64(size)+1))
	u.out = b.Bytes()
	return exactly(size)(u.out, err)
}

func exactly(size int) func(b []byte, err error) ([]byte, error) {
	return func(b []byte, err error) ([]byte, error) {
		if err != nil || len(b) != size {
			return nil, damaged("a page does not unpack to the %d bytes that it should have", size)
		}
		return b, nil
	}
}

func (u *unpacker) lz4(src []byte, size int) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	out := u.room(size)
	n, err := lz4.UncompressBlock(src, out)
	return exactly(size)(out[:max(n, 0)], err)
}

// hadoop unpacks blocks of LZ4, before each its length unpacked and packed, four bytes each with the highest first.
func (u *unpacker) hadoop(src []byte, size int) ([]byte, bool) {
	out := u.room(size)
	at := 0
	for len(src) > 0 {
		if len(src) < 8 {
			return nil, false
		}
		plain, packed := int64(binary.BigEndian.Uint32(src)), int64(binary.BigEndian.Uint32(src[4:]))
		src = src[8:]
		if packed > int64(len(src)) || plain > int64(size-at) {
			return nil, false
		}
		if plain > 0 {
			n, err := lz4.UncompressBlock(src[:packed], out[at:at+int(plain)])
			if err != nil || int64(n) != plain {
				return nil, false
			}
		}
		at, src = at+int(plain), src[packed:]
	}
	return out, at == size
}

// close ends what the codecs have begun.
func (u *unpacker) close() {
	if u.zstd != nil {
		u.zstd.Close()
	}
}

// damaged is an error of a page whose bytes are not what they should be.
func damaged(format string, a ...any) error { return fmt.Errorf("the file is damaged: "+format, a...) }

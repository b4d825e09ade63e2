package store

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime/debug"

	"github.com/seed9a7962a8/ito"
)

// WithBytes gives use the content of a file, which it must not keep. The file is mapped into memory where the system
// can do that, so nothing is read that is not looked at, and the pages are the system's; elsewhere, and of what is no
// regular file, it is read. A file that loses its end while use looks at it is a *[FormatError]. Errors of use are
// returned as they are.
func WithBytes(path string, use func(b []byte) error) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return unreadable(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return unreadable(path, err)
	}
	b, done, ok := mapped(f, info)
	if !ok {
		if b, err = os.ReadFile(path); err != nil {
			return unreadable(path, err)
		}
		return use(b)
	}
	defer done()
	// A page behind the end of a file that was cut is a fault, which becomes a panic of this goroutine alone.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch e := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }: // what the runtime makes of a fault
			err = &FormatError{Path: path, What: "it lost its end while it was read", Do: "wait until it is written, " +
				"or write it again", Err: ErrTruncated}
		default:
			panic(e)
		}
	}()
	return use(b)
}

// LoadModelDigest is [LoadModel] with the SHA-256 of the file in hexadecimal digits, both of the same bytes.
func LoadModelDigest(file string) (m *ito.Model, digest string, err error) {
	if m, digest, err = LoadSampled(file); err == nil && m.Provenance.Distilled != nil {
		return nil, "", &FormatError{Path: file, What: "it holds a model that was distilled (" +
			m.Provenance.Distilled.Method + "), which ito sample and ito info take",
			Do: "give the model that it was made of"}
	}
	return m, digest, err
}

// LoadSampled is LoadModelDigest that also takes what was distilled, and does nothing but sample.
func LoadSampled(file string) (m *ito.Model, digest string, err error) {
	err = OpenWith(file, func(f *File, sum string) (err error) {
		m, err = parseModel(f)
		digest = sum
		return inFile(err, file)
	})
	if err != nil {
		return nil, "", err
	}
	return m, digest, nil
}

// OpenWith gives use a sealed file that was verified; its tensors are the file's own bytes, which use must not keep.
func OpenWith(path string, use func(f *File, digest string) error) error {
	return WithBytes(path, func(b []byte) error {
		f, err := Unmarshal(b)
		if err == nil {
			err = Verify(f)
		}
		if err != nil {
			return inFile(err, path)
		}
		sum := sha256.Sum256(b)
		return use(f, hex.EncodeToString(sum[:]))
	})
}

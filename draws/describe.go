package draws

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed9a7962a8/ito/store"
)

// Describe reads what a file that [Write] made says of its run, without the draws: of CSV what stands above the
// header, of Parquet the file's metadata, of npy and JSON the .json beside it. Of files by others it is what they
// say, perhaps nothing. Chains are those of one file.
func Describe(path string) (*Meta, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	head := make([]byte, 6)
	if n, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(path, err)
	} else {
		head = head[:n]
	}
	switch {
	case bytes.HasPrefix(head, []byte(parquetMagic)):
		return describeParquet(f, path)
	case bytes.HasPrefix(head, []byte("\x93NUMPY")), bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")):
		return readSidecar(path + ".json")
	}
	t := newTable("", 0)
	c := &csvChain{name: path, before: -1, rows: t.sheet(1)}
	if err := c.lines(f, true); err != nil {
		return nil, err
	}
	m := c.meta()
	return &m, nil
}

func describeParquet(f *os.File, path string) (*Meta, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(path, err)
	}
	p, err := openParquet(f, info.Size())
	if err != nil {
		return nil, &store.FormatError{Path: path, What: fmt.Sprintf("it cannot be read as Parquet: %v", err),
			Do: "name a file that ito wrote"}
	}
	text, ok := p.keys[parquetKey]
	if !ok {
		return &Meta{}, nil
	}
	return parseSidecar([]byte(text), path)
}

// settingPrefix begins the keys of settings in the files, so that none of them is one of CmdStan's.
const settingPrefix = "ito."

// SettingsOf are the lines of a configuration in TOML without tables, for Meta.Config.
func SettingsOf(toml string) []Setting {
	var out []Setting
	for line := range strings.Lines(toml) {
		if key, value, ok := strings.Cut(line, "="); ok {
			out = append(out, Setting{settingPrefix + strings.TrimSpace(key), strings.TrimSpace(value)})
		}
	}
	return out
}

// TOML is the configuration that SettingsOf took apart; empty where the settings are others.
func TOML(settings []Setting) string {
	var b strings.Builder
	for _, s := range settings {
		if key, ours := strings.CutPrefix(s.Key, settingPrefix); ours {
			b.WriteString(key + " = " + s.Value + "\n")
		}
	}
	return b.String()
}

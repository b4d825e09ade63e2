package draws

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// csvTitle begins every CSV file of [Write].
const csvTitle = "# Written by ito"

// Stale lists the files of an earlier run that would be taken for chains of the run which Write writes to path:
// with two chains d_3.csv and d_4.csv beside d_1.csv and d_2.csv, and d.csv, which one chain would have had. Write
// leaves them; remove them when it is done. A file of such a name that ito did not write is an *ito.InputError: it
// is not for ito to remove, and a pattern such as d_*.csv would join it with the others.
func Stale(path string, chains int) ([]string, error) {
	files, err := Outputs(path, chains)
	if err != nil {
		return nil, err
	}
	if format, _ := Format(path); format != "csv" {
		return nil, nil
	}
	dir, ext := filepath.Dir(path), filepath.Ext(path)
	stem := strings.TrimSuffix(filepath.Base(path), ext)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	var stale []string
	for _, e := range entries {
		file := strings.TrimSuffix(path, filepath.Base(path)) + e.Name() // as path names its directory
		if e.IsDir() || slices.Contains(files, file) || !isChain(e.Name(), stem, ext) {
			continue
		}
		ours, err := beginsWith(file, csvTitle)
		if err != nil {
			return nil, err
		}
		if !ours {
			return nil, &ito.InputError{Where: file, What: "ito did not write this file, and beside " + files[0] +
				" it would pass for a chain of the run", Do: "move it away, or name another output"}
		}
		stale = append(stale, file)
	}
	return stale, nil
}

// isChain says that a file has the name of one of a run's chains: d.csv, d_1.csv, d_2.csv, …
func isChain(name, stem, ext string) bool {
	number, ok := strings.CutSuffix(name, ext)
	if !ok {
		return false
	}
	if number == stem {
		return true
	}
	number, ok = strings.CutPrefix(number, stem+"_")
	n, err := strconv.Atoi(number)
	return ok && err == nil && n > 0 && strconv.Itoa(n) == number
}

func beginsWith(path, text string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, unreadable(path, err)
	}
	defer f.Close()
	head := make([]byte, len(text))
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, unreadable(path, err)
	}
	return bytes.Equal(head[:n], []byte(text)), nil
}

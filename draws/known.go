package draws

import (
	"bytes"
	"io"
	"os"
)

// Known reports that a file holds draws: in CmdStan's layout by its comments, Parquet, npy and JSON by what [Write]
// says of them in the file or beside it, or a journal. A file that cannot be read is not known.
func Known(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return false
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte(journalMagic)):
		return true
	case bytes.HasPrefix(head, []byte("#")):
		return bytes.Contains(head, []byte("# stan_version_major")) || bytes.HasPrefix(head, []byte(csvTitle))
	case bytes.HasPrefix(head, []byte(parquetMagic)):
		m, err := describeParquet(f, path)
		return err == nil && len(m.Columns) > 0
	case bytes.HasPrefix(head, []byte("\x93NUMPY")), bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")):
		_, err := readSidecar(path + ".json")
		return err == nil
	}
	return false
}

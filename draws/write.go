package draws

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// Format returns csv, parquet, npy or json for a path that ends so; anything else is an *ito.InputError.
func Format(path string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv", ".parquet", ".npy", ".json":
		return ext[1:], nil
	}
	return "", &ito.InputError{Where: path, What: "draws are written as CSV (CmdStan's layout), Parquet, npy or JSON",
		Do: "end the name with .csv, .parquet, .npy or .json"}
}

// Outputs lists the files that Write makes: as a CSV file holds one chain, d.csv is d_1.csv, d_2.csv, … when there
// are several, and what npy and JSON have no place for, the columns' names and the configuration, is beside them in
// d.npy.json and d.json.json.
func Outputs(path string, chains int) ([]string, error) {
	format, err := Format(path)
	if err != nil {
		return nil, err
	}
	switch {
	case format == "npy" || format == "json":
		return []string{path, path + ".json"}, nil
	case format != "csv" || chains <= 1:
		return []string{path}, nil
	}
	out := make([]string, chains)
	ext := filepath.Ext(path)
	for c := range out {
		out[c] = strings.TrimSuffix(path, ext) + "_" + strconv.Itoa(c+1) + ext
	}
	return out, nil
}

// Write writes the draws of a journal in the format that path's extension asks for and returns the names
// of the files, those of Outputs. Each file takes its name when it is complete; equal draws make
// equal bytes. The journal is read once for each chain (for each parameter, with JSON) and stays: Remove
// it afterwards. Memory is that of a block of rows.
//
//	.csv      CmdStan's layout, one file a chain; numbers are the shortest that read back equal
//	.parquet  columns chain and draw, from 1, called .chain and .draw where a parameter is called so,
//	          then the columns;
//	          what else Meta says is in the key "ito.draws"
//	.npy      float64 [chains,draws,columns]; Meta is in the .json beside it
//	.json     {"posterior": {"theta": …}, "sample_stats": …}, each parameter [chain][draw] and its own shape,
//	          what arviz.from_dict takes (as arrays from ArviZ 1 on); numbers that are not finite are NaN, Infinity,
//	          as Python writes them; Meta is in the .json beside it
func Write(path string, m *Meta, j *Journal) ([]string, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if m.Chains != j.chains || len(m.Columns) != j.cols {
		return nil, fmt.Errorf("draws: %d chains of %d columns for a journal of %d and %d", m.Chains, len(m.Columns),
			j.chains, j.cols)
	}
	files, err := Outputs(path, m.Chains)
	if err != nil {
		return nil, err
	}
	format, _ := Format(path)
	for c, file := range files {
		err := store.WriteFile(file, func(w io.Writer) error {
			b := bufio.NewWriterSize(w, 1<<16)
			var err error
			switch {
			case format == "csv":
				err = writeCSV(b, m, j, c)
			case format == "parquet":
				err = writeParquet(b, m, j)
			case format == "npy" && c == 0:
				err = writeNPY(b, m, j)
			case format == "json" && c == 0:
				err = writeJSON(b, m, j)
			default:
				err = writeSidecar(b, m)
			}
			if err != nil {
				return err
			}
			if err := b.Flush(); err != nil || len(files) == 1 || format == "csv" || c > 0 {
				return err
			}
			// What describes other draws goes before these take their name: a crash between the two files leaves
			// none with the wrong one.
			if err := os.Remove(files[1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

package main

import (
	"bytes"
	"os"
	"testing"
)

// The table beside this program is what it writes.
func TestTable(t *testing.T) {
	want, err := os.ReadFile("customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := write(&got); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("customers.csv is another table: %v", err)
	}
}

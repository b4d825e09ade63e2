package ito_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// flagged are the rooms that may name flags: the command's own, and a tool that calls it.
var flagged = []string{"cli/", "cmd/", "examples/", "internal/speed/", "internal/simd/gen/"}

// Libraries name settings, `steps`, and no flags: the command writes them as its users type them. A struct's tag is the
// help of a flag, and may name others.
func TestLibrariesNameNoFlags(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "*.go").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	flag := regexp.MustCompile(`(^|[\s("'])--[a-z]`)
	looked := 0
	for name := range strings.FieldsSeq(string(out)) {
		own := false
		for _, room := range flagged {
			own = own || strings.HasPrefix(name, room)
		}
		if own || strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			continue // moved, and not yet added; the compiler finds the rest
		}
		looked++
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				n.Tag = nil
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && flag.MatchString(s) {
					t.Errorf("%s: %s names a flag: write the setting in backquotes", files.Position(n.Pos()), n.Value)
				}
			}
			return true
		})
	}
	if looked < 100 {
		t.Errorf("only %d files were looked at", looked)
	}
}

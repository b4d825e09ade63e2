package ito_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every configuration of a task is run by a function of one form, which a command, a server and a worker call alike:
// Run(ctx, Config, Env) (Report, error), or by the name of the task where a package has several.
func TestTasksHaveOneForm(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "task/*.go").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	configs, run := map[string]token.Position{}, map[string]bool{}
	for name := range strings.FieldsSeq(string(out)) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			continue // moved, and not yet added; the compiler finds the rest
		}
		room := filepath.Dir(name) + " "
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() && strings.HasSuffix(s.Name.Name, "Config") {
						configs[room+s.Name.Name] = files.Position(s.Pos())
					}
				}
			case *ast.FuncDecl:
				if c, ok := runs(d); ok {
					run[room+c] = true
				}
			}
		}
	}
	for c, at := range configs {
		if !run[c] {
			t.Errorf("%s: nothing runs %s: write Run(ctx, %s, Env) (Report, error)", at, c, strings.Fields(c)[1])
		}
	}
	if len(configs) < 25 {
		t.Errorf("only %d configurations were looked at", len(configs))
	}
}

// runs is the configuration that a function of the form of a task runs.
func runs(f *ast.FuncDecl) (config string, ok bool) {
	if f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
		return "", false
	}
	var args, results []string
	for _, list := range []struct {
		fields *ast.FieldList
		into   *[]string
	}{{f.Type.Params, &args}, {f.Type.Results, &results}} {
		for _, p := range list.fields.List {
			for range max(len(p.Names), 1) {
				*list.into = append(*list.into, types.ExprString(p.Type))
			}
		}
	}
	if len(args) != 3 || len(results) != 2 || args[0] != "context.Context" || results[1] != "error" {
		return "", false
	}
	_, env, dotted := strings.Cut(args[2], ".")
	if !dotted {
		env = args[2]
	}
	return args[1], strings.HasSuffix(args[1], "Config") && env == "Env"
}

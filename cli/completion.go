package cli

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/seed9a7962a8/ito/internal/suggest"
)

// completionCmd is "ito completion".
type completionCmd struct {
	Shell string   `arg:"" where:"local" help:"One of bash, zsh and fish: the shell that the script is for"`
	Words []string `arg:"" optional:"" where:"local" passthrough:"" help:"The words of a command line after ito, the last of which is begun: its ends are printed, which is what the scripts ask for"`
}

func (*completionCmd) manual() page {
	return page{
		synopsis: "bash|zsh|fish",
		text: []string{
			"Prints a script that completes ito's commands, flags and their words in that shell; everything else is " +
				"completed as a name of a file.",
		},
		examples: [][2]string{
			{"ito completion bash > ~/.local/share/bash-completion/completions/ito",
				"For bash, from the next shell on."},
			{"ito completion zsh > ~/.zfunc/_ito", "For zsh, where fpath has ~/.zfunc."},
			{"ito completion fish > ~/.config/fish/completions/ito.fish", "For fish."},
		},
	}
}

// The scripts ask the program itself, so that they fit whatever version is there.
var completionScripts = map[string]string{
	"bash": `# bash completion of ito
_ito() {
	local IFS=$'\n'
	COMPREPLY=($("${COMP_WORDS[0]}" completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _ito ito
`,
	"zsh": `#compdef ito
_ito() {
	local -a ends
	ends=("${(@f)$("${words[1]}" completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ -n "${ends[1]}" ]]; then compadd -- "${ends[@]}"; else _files; fi
}
if [ "$funcstack[1]" = "_ito" ]; then _ito "$@"; else compdef _ito ito; fi
`,
	"fish": `# fish completion of ito
function __ito_ends
	set -l words (commandline -opc)[2..-1] (commandline -ct)
	ito completion fish -- $words 2>/dev/null
end
complete -c ito -a '(__ito_ends)'
`,
}

// Run implements the command.
func (c *completionCmd) Run(a *app) error {
	script, ok := completionScripts[c.Shell]
	if !ok {
		return &usageError{what: fmt.Sprintf("ito completion: no script for %q", c.Shell),
			do: suggest.Among(c.Shell, []string{"bash", "zsh", "fish"})}
	}
	if len(c.Words) == 0 {
		_, err := io.WriteString(a.stdout, script)
		return err
	}
	words := c.Words
	if words[0] == "--" {
		words = words[1:]
	}
	parser, err := kong.New(&commands{}, parserOptions()...)
	if err != nil {
		return err
	}
	for _, end := range ends(parser.Model.Node, words) {
		if _, err := fmt.Fprintln(a.stdout, end); err != nil {
			return err
		}
	}
	return nil
}

// ends are the words that the last of words can become; none where it is the name of a file, or anything.
func ends(root *kong.Node, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	begun, node := words[len(words)-1], root
	words = words[:len(words)-1]
	for len(words) > 0 && len(node.Children) > 0 {
		next := command(node, words[0])
		if next == nil {
			return nil
		}
		node, words = next, words[1:]
	}
	var all []string
	flags := slices.Concat(node.AllFlags(false)...)
	switch {
	case len(node.Children) > 0:
		for _, n := range node.Children {
			all = append(all, n.Name)
		}
		if strings.HasPrefix(begun, "-") && node == root {
			all = []string{"--help", "--version"}
		}
	case len(words) > 0 && valueOf(flags, words[len(words)-1]) != nil:
		f := valueOf(flags, words[len(words)-1])
		before := ""
		if i := strings.LastIndexByte(begun, ','); i >= 0 && f.Target.Type().Kind() == reflect.Slice {
			before = begun[:i+1] // of a list
		}
		for w := range strings.SplitSeq(f.Tag.Enum, ",") {
			if w != "" {
				all = append(all, before+w)
			}
		}
	case strings.HasPrefix(begun, "-"):
		all = append(all, "--help")
		for _, f := range flags {
			all = append(all, "--"+f.Name)
			if f.Tag.Negatable != "" {
				all = append(all, "--no-"+f.Name)
			}
		}
	default:
		for _, p := range node.Positional {
			all = append(all, strings.FieldsFunc(p.Tag.Enum, func(r rune) bool { return r == ',' })...)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(w string) bool { return !strings.HasPrefix(w, begun) })
}

// valueOf is the flag whose value the next word is; nil: there is none.
func valueOf(flags []*kong.Flag, word string) *kong.Flag {
	for _, f := range flags {
		if !f.IsBool() && (word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short)) {
			return f
		}
	}
	return nil
}

package serve

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito/internal/suggest"
)

// format is a way to write samples.
type format struct {
	name  string // of the query's format
	media string // its media type
	end   string // of a file's name
	json  bool   // it is of this package, not of ito sample
	doc   string
}

// formats are those that samples are written in, the default first.
var formats = []format{
	{"json", "application/json", ".json", true, "One object: the columns, the rows with their ids from first on, " +
		"and how they were drawn."},
	{"ndjson", "application/x-ndjson", ".ndjson", true, "An object a line: the id and the columns."},
	{"csv", "text/csv", ".csv", false, "The bytes that ito sample writes to a .csv file."},
	{"npy", "application/x-npy", ".npy", false, "The bytes that ito sample writes to an .npy file, for numpy.load."},
	{"parquet", "application/vnd.apache.parquet", ".parquet", false, "The bytes that ito sample writes to a " +
		".parquet file."},
	{"text", "text/plain", ".txt", false, "Of a model of text: the bytes that ito sample writes to a .txt file, a " +
		"sample a line."},
}

// contentType is the value of the header.
func (f format) contentType() string {
	switch f.name {
	case "csv":
		return f.media + "; charset=utf-8; header=present"
	case "text":
		return f.media + "; charset=utf-8"
	}
	return f.media
}

func formatNames() []string { return namesOf(formats) }

func namesOf(list []format) []string {
	var names []string
	for _, f := range list {
		names = append(names, f.name)
	}
	return names
}

// formatOf is the format that a request wants; it takes it from the query.
func formatOf(list []format, query url.Values, r *http.Request) (format, error) {
	return pickFormat(list, take(query, "format"), strings.Join(r.Header.Values("Accept"), ","))
}

// pickFormat is the format of a request among formats: that of its query, or the one that it accepts best, of equals
// the first.
func pickFormat(formats []format, query, accept string) (format, error) {
	if query != "" {
		i := slices.IndexFunc(formats, func(f format) bool { return f.name == query })
		if i < 0 {
			return format{}, newProblem(http.StatusBadRequest, "format", fmt.Sprintf("unknown format %q", clip(query)),
				suggest.Among(query, namesOf(formats)))
		}
		return formats[i], nil
	}
	if strings.TrimSpace(accept) == "" {
		return formats[0], nil
	}
	best, at := 0.0, -1
	for i, f := range formats {
		if q := quality(accept, f.media); q > best {
			best, at = q, i
		}
	}
	if at < 0 {
		var all []string
		for _, f := range formats {
			all = append(all, f.media)
		}
		return format{}, newProblem(http.StatusNotAcceptable, "Accept", "answers are not written as "+clip(accept),
			"accept one of "+strings.Join(all, ", "))
	}
	return formats[at], nil
}

// quality is the weight that an Accept header gives a media type: that of the range that fits it most closely.
func quality(accept, media string) float64 {
	kind, _, _ := strings.Cut(media, "/")
	q, close := 0.0, -1
	for part := range strings.SplitSeq(accept, ",") {
		r, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		fits := slices.Index([]string{"*/*", kind + "/*", media}, r)
		if fits <= close {
			continue
		}
		close, q = fits, 1
		if w, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(w, 64); err != nil || q < 0 || q > 1 {
				q = 0
			}
		}
	}
	return q
}

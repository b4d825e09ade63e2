package serve

import (
	"embed"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

// pageRoutes serve the page: one document, its style and its program, all in the binary.
func pageRoutes(mux *http.ServeMux) {
	const script = "text/javascript; charset=utf-8"
	for place, kind := range map[string]string{"index.html": "text/html; charset=utf-8",
		"style.css": "text/css; charset=utf-8", "page.js": script, "draw.js": script, "code.js": script,
		"jobs.js": script, "forecaster.js": script, "icon.svg": "image/svg+xml"} {
		b, err := pageFiles.ReadFile("page/" + place)
		if err != nil {
			panic(err) // a broken program
		}
		at := "GET /page/" + place
		if place == "index.html" {
			at = "GET /{$}"
		}
		mux.HandleFunc(at, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "no-cache")
			w.Write(b)
		})
	}
}

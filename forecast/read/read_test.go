package read

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
)

// write makes a file of the test.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// found is the count of a kind of finding.
func found(r *Result, what string) int {
	for _, f := range r.Findings {
		if f.What == what {
			return f.Count
		}
	}
	return 0
}

// TestFormats reads the same two series from every format.
func TestFormats(t *testing.T) {
	long := "unique_id,ds,y\na,2026-01-01 00:00:00,1\na,2026-01-01 01:00:00,\na,2026-01-01 02:00:00,3\n" +
		"b,2026-01-01 00:00:00,4\nb,2026-01-01 01:00:00,5\nb,2026-01-01 02:00:00,6\n"
	prom := `{"status":"success","data":{"resultType":"matrix","result":[
		{"metric":{"__name__":"up","job":"x"},"values":[[%d,"1"],[%d,"NaN"]]},
		{"metric":{"__name__":"up","job":"y"},"values":[[%[1]d,"4"],[%[2]d,"5"]]}]}}`
	const u = 1767225600 // 2026-01-01
	first := fmt.Sprintf(prom, u, u+3600)
	second := strings.NewReplacer(`"1"`, `"3"`, `"4"`, `"6"`, `,[`+fmt.Sprint(u+7200)+`,"NaN"]`, "",
		`,[`+fmt.Sprint(u+7200)+`,"5"]`, "").Replace(fmt.Sprintf(prom, u+7200, u+7200))
	for name, c := range map[string]struct {
		text, format string
		o            SeriesOptions
	}{
		"nixtla.csv": {long, Long, SeriesOptions{}},
		"long.tsv":   {strings.ReplaceAll(long, ",", "\t"), Long, SeriesOptions{}},
		"unix.csv": {strings.NewReplacer("2026-01-01 00:00:00", "1767225600", "2026-01-01 01:00:00", "1767229200",
			"2026-01-01 02:00:00", "1767232800").Replace(long), Long, SeriesOptions{}},
		"wide.csv": {"date,a,b\n2026-01-01 00:00,1,4\n2026-01-01 01:00,,5\n2026-01-01 02:00,3,6\n", Wide, SeriesOptions{}},
		"m4.csv":   {"V1,V2,V3,V4,V5\na,1,,3,\nb,4,5,6,\n", M4, SeriesOptions{Freq: "h"}},
		"gluonts.json": {`{"start": "2026-01-01 00:00:00", "target": [1, NaN, 3], "item_id": "a"}` + "\n" +
			`{"start": "2026-01-01", "target": [4, 5, 6], "item_id": "b"}` + "\n", Gluonts, SeriesOptions{Freq: "1h"}},
		"two-keys.json": {`{"start": "2026-01-01", "target": [1, "NaN", 3]}` + "\n" +
			`{"start": "2026-01-01", "target": [4, 5, 6]}`, Gluonts, SeriesOptions{Freq: "1h"}},
		"prometheus.json": {first + second, Prometheus, SeriesOptions{}},
		"array.json":      {"[" + second + "," + first + "]", Prometheus, SeriesOptions{}},
		"lines.json":      {jsonLines(long), Long, SeriesOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, stdin := range []bool{false, true} {
				file, o := write(t, name, c.text), c.o
				if stdin {
					file, o.Stdin = "-", strings.NewReader(c.text)
				}
				r, err := Open(file, o)
				if err != nil {
					t.Fatal(err)
				}
				if r.Format != c.format || r.Set.Freq.String() != "1h" || len(r.Set.Series) != 2 {
					t.Fatalf("%s of %s, %d series", r.Format, r.Set.Freq, len(r.Set.Series))
				}
				got := fmt.Sprint(r.Set.Series[0].Values, r.Set.Series[1].Values)
				if got != "[1 NaN 3] [4 5 6]" {
					t.Errorf("values %s", got)
				}
				if s := r.Set.Series[1]; c.format != M4 && s.Start.Unix() != u {
					t.Errorf("starts at %s", s.Start)
				}
				if found(r, "missing") != 1 {
					t.Errorf("findings %+v", r.Findings)
				}
			}
		})
	}
}

// jsonLines turns a CSV of words and numbers into lines of JSON.
func jsonLines(text string) string {
	rows := strings.Split(strings.TrimSpace(text), "\n")
	head := strings.Split(rows[0], ",")
	var b strings.Builder
	for _, row := range rows[1:] {
		cells := strings.Split(row, ",")
		y := cells[2]
		if y == "" {
			y = "null"
		}
		fmt.Fprintf(&b, `{"%s":"%s","%s":"%s","%s":%s}`+"\n", head[0], cells[0], head[1], cells[1], head[2], y)
	}
	return b.String()
}

// TestFrequencies infers the frequency of times, with a gap of one in each.
func TestFrequencies(t *testing.T) {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	date := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		want, layout string
		zone         string
		at           func(k int) time.Time
	}{
		{"15min", "2006-01-02T15:04:05", "", func(k int) time.Time { return time.Unix(int64(k)*900, 0).UTC() }},
		{"30s", "2006-01-02T15:04:05", "", func(k int) time.Time { return time.Unix(int64(k)*30, 0).UTC() }},
		{"1D", "2006-01-02", "", func(k int) time.Time { return date(2026, 1, 1+k) }},
		{"1D", "2006-01-02 15:04", "Europe/Berlin",
			func(k int) time.Time { return time.Date(2026, 3, 20+k, 12, 0, 0, 0, berlin) }},
		{"1h", "2006-01-02 15:04:05-07:00", "Europe/Berlin",
			func(k int) time.Time {
				return time.Date(2026, 10, 24, 12, 0, 0, 0, berlin).Add(time.Duration(k) * time.Hour)
			}},
		{"1h", "2006-01-02 15:04:05", "Europe/Berlin", func(k int) time.Time {
			return time.Date(2026, 10, 24, 12, 0, 0, 0, berlin).Add(time.Duration(k) * time.Hour)
		}},
		{"1W", "2006-01-02", "", func(k int) time.Time { return date(2026, 1, 4+7*k) }},
		{"1M", "2006-01-02", "", func(k int) time.Time { return date(2026, 1+k, 1) }},
		{"1M", "2006-01", "", func(k int) time.Time { return date(2026, 1+k, 1) }},
		{"1ME", "2006-01-02", "", func(k int) time.Time { return date(2026, 2+k, 0) }},
		{"3ME", "2006-01-02", "", func(k int) time.Time { return date(2026, 1+3*k, 0) }},
		{"1Y", "2006", "", func(k int) time.Time { return time.Date(1950+k, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"1B", "2006-01-02", "", func(k int) time.Time { return date(2026, 1, 5+k/5*7+k%5) }},
	} {
		text := "date,value\n"
		for k := range 40 {
			if k != 17 {
				text += fmt.Sprintf("%s,%d\n", c.at(k).Format(c.layout), k)
			}
		}
		r, err := Open(write(t, "a.csv", text), SeriesOptions{Zone: c.zone})
		if err != nil {
			t.Errorf("%s %s: %v", c.want, c.layout, err)
			continue
		}
		s := r.Set.Series[0]
		if r.Set.Freq.String() != c.want || s.Len() != 40 || !math.IsNaN(s.Values[17]) || s.Values[39] != 39 ||
			found(r, "absent") != 1 || !s.Time(39).Equal(c.at(39)) {
			t.Errorf("%s %s: %s, %d steps, %v", c.want, c.layout, r.Set.Freq, s.Len(), r.Findings)
		}
	}
}

func TestCovariates(t *testing.T) {
	text := "date,shop,sales,price,footfall,remark\n2026-01-01,x,1,9,5,new\n2026-01-02,x,2,8,6,\n2026-01-03,x,3,,7,\n" +
		"2026-01-04,x,,7,,\n"
	later := "date,shop,price\n2026-01-05,x,6\n"
	r, err := Open(write(t, "a.csv", text), SeriesOptions{ID: "shop", Value: "sales", Known: []string{"price"},
		Past: []string{"footfall"}, Append: write(t, "b.csv", later),
		Calendar: Calendar{Holidays: "de", Events: write(t, "e.csv", "name,start,end,profile\n"+
			"sale,2026-01-02,2026-01-03,1 3\n")}, Ahead: 3})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Set.Series[0]
	if s.ID != "x" || s.Len() != 3 || len(s.Known) != 3 || len(s.Past) != 1 {
		t.Fatalf("%+v", s)
	}
	if got := fmt.Sprint(s.Values, s.Known[0].X, s.Past[0].X, s.Known[1].X, s.Known[2].X); got !=
		"[1 2 3] [9 8 NaN 7 6] [5 6 7] [1 0 0 0 0 0] [0 1 3 0 0 0]" {
		t.Errorf("got %s", got)
	}
	// the names of series are found, and those of the second file by the first's
	two := "date,shop,sales,price\n2026-01-01,x,1,9\n2026-01-02,x,2,8\n2026-01-01,y,3,7\n2026-01-02,y,4,6\n"
	next, err := Open(write(t, "c.csv", two), SeriesOptions{Known: []string{"price"}, Append: write(t, "d.csv",
		"date,shop,price\n2026-01-03,x,5\n2026-01-03,y,4\n")})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(next.Set.Series[0].Known[0].X, next.Set.Series[1].Known[0].X); got != "[9 8 5] [7 6 4]" {
		t.Errorf("appended covariates %s", got)
	}
	_, err = Open(write(t, "c.csv", two), SeriesOptions{Known: []string{"price"}, Append: write(t, "d.csv",
		"date,shop,price\n2026-01-02,y,5\n")})
	if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "d.csv:2: column price: series y has the time") {
		t.Errorf("a row that disagrees: %v", err)
	}
	if found(r, "ignored") != 1 {
		t.Errorf("findings %v", r.Findings)
	}
}

func TestWhatIsFound(t *testing.T) {
	text := "id,ds,y\na,2026-01-03,3\na,2026-01-01,-1\na,2026-01-01,-1\na,2026-01-02,2\nb,2026-01-01,7\n" +
		"b,2026-01-02,7\nb,2026-01-03,inf\nc,2026-01-03,\n"
	r, err := Open(write(t, "a.csv", text), SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]int{"unsorted": 1, "duplicate": 1, "constant": 1, "infinite": 1, "empty": 1,
		"negative": 1, "missing": 2} {
		if got := found(r, what); got != want {
			t.Errorf("%s: %d, want %d of %+v", what, got, want, r.Findings)
		}
	}
	if !slices.Equal(r.Set.Series[0].Values, []float64{-1, 2, 3}) {
		t.Errorf("values %v", r.Set.Series[0].Values)
	}
}

// TestBadInput refuses, and says where.
func TestBadInput(t *testing.T) {
	days := "date,y\n2026-01-01,1\n2026-01-02,2\n"
	for _, c := range []struct {
		text string
		o    SeriesOptions
		want string // in the message
	}{
		{days + "2026-13-01,3\n", SeriesOptions{}, ":4: column date: \"2026-13-01\" is no time"},
		{"ds,y\nsoon,1\n", SeriesOptions{}, ":2: column ds: \"soon\" is no time that can be read"},
		{days + "03.01.2026,3\n", SeriesOptions{}, ":4: column date: \"03.01.2026\" is not written like"},
		{days + "2026-01-03,x\n", SeriesOptions{Value: "y"}, ":4: column y: \"x\" is no number"},
		{days + "2026-01-03,1e300\n", SeriesOptions{}, ":4: column y: 1e300 is beyond"},
		{"date,shop,sales,stock\n2026-01-01,a,1,2\n2026-01-02,a,1,2\n2026-01-01,b,1,2\n", SeriesOptions{},
			":4: the time 2026-01-01 00:00:00 +00:00 stands there before"},
		{days + "2026-01-02,3\n", SeriesOptions{Value: "y"},
			":4: series y has the time 2026-01-02 00:00:00 +00:00 twice, with 2 and 3"},
		{"date,y\n2026-01-01 00:00:00+01:00,1\n2026-01-01 01:00:00+02:00,2\n", SeriesOptions{},
			":3: column date: \"2026-01-01 01:00:00+02:00\" has another offset"},
		{"date,y\n2026-03-29 02:30:00,1\n2026-03-29 03:30:00,1\n", SeriesOptions{Zone: "Europe/Berlin"},
			":2: column date: \"2026-03-29 02:30:00\" does not exist in Europe/Berlin"},
		{"date,y\n2026-01-01 00:00,1\n2026-01-01 01:00,1\n2026-01-01 02:00,1\n2026-01-01 02:10,1\n", SeriesOptions{},
			":5: series y: 2026-01-01 02:10:00 +00:00 does not lie on the steps of 1h"},
		{"date,y\n2026-01-01 00:00,1\n2026-01-01 01:00,1\n2026-01-01 01:10,1\n", SeriesOptions{Freq: "1h"},
			":4: series y has a second row in the step from 2026-01-01T01:00:00Z"},
		{days, SeriesOptions{Freq: "soon"}, "`freq`: \"soon\" is no frequency"},
		{days, SeriesOptions{Zone: "Mars"}, "`zone`: there is no time zone \"Mars\""},
		{days, SeriesOptions{Known: []string{"prise"}}, "`known`: no column is named \"prise\""},
		{days, SeriesOptions{Value: "yy"}, "`value`: no column is named \"yy\""},
		{days, SeriesOptions{Calendar: Calendar{Holidays: "XX"}}, "`holidays`: the holidays of \"XX\" are not known"},
		{"date,y\n2026-01-01,1\n", SeriesOptions{}, "the frequency is not known"},
		{"", SeriesOptions{}, "there is nothing in it"},
		{"a,b\n1,2\n", SeriesOptions{}, "no column of it holds times"},
		{"V1,V2,V3\na,1,2\n", SeriesOptions{}, "do not say their frequency"},
		{`{"start": "2026-01-01", "target": [1, 2]}`, SeriesOptions{}, "do not say their frequency"},
		{`{"start": "someday", "target": [1, 2]}`, SeriesOptions{Freq: "h"}, ":1: column start: \"someday\" is no date"},
		{`{"start": "2026-01-01", "target": [1, "x"]}`, SeriesOptions{Freq: "h"}, ":1: \"x\" is no number"},
		{`{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points"}`, SeriesOptions{},
			"exceeded maximum resolution"},
		{`{"status":"success","data":{"resultType":"vector","result":[]}}`, SeriesOptions{}, "is a vector, not a matrix"},
		{`{"status":"success","data":{"resultType":"matrix","result":[]}}`, SeriesOptions{}, "the answer holds no series"},
		{`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"x"]]}]}}`, SeriesOptions{},
			"point 1 of {} has the value \"x\""},
		{`{"status":"success","data":`, SeriesOptions{}, "it cannot be read as JSON"},
		{"date,y\n0001-01-01 00:00:00,1\n0001-01-01 00:00:01,1\n2026-01-01 00:00:00,1\n", SeriesOptions{}, "steps of 1s"},
	} {
		_, err := Open(write(t, "a.csv", c.text), c.o)
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v\nwant %s", c.text, err, c.want)
		}
	}
	if _, err := Open("none.csv", SeriesOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no file: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("date,y\n2026-01-01,1\n2026-01-02,2\n")
	f.Add(`{"start": "2026-01-01", "target": [1, NaN], "freq": "h"}`)
	f.Add(`{"status":"success","data":{"resultType":"matrix","result":[` +
		`{"metric":{"a":"b"},"values":[[1,"2"],[61,"3"]]}]}}`)
	f.Add("V1,V2,V3\na,1,2\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Open("-", SeriesOptions{Stdin: strings.NewReader(text)})
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("an error that is no bad input: %v", err)
			}
			return
		}
		if err := r.Set.Check(); err != nil {
			t.Error(err)
		}
	})
}

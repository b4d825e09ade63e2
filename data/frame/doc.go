// Package frame reads tables as people have them: CSV and its relatives, Parquet and lines of JSON, with columns of
// words, dates, whole numbers, codes and gaps. [Open] finds how the file is written, [Infer] what each column is and
// why, as a [Schema] that can be written, edited and given back, and [Input.Frame] the rows: every cell is a number,
// as its column says, and NaN where it is missing. [CSV] writes such rows as they were.
//
// Whatever is wrong is collected, with the lines of its first offenders, into one [Faults].
package frame

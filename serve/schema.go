package serve

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task/sample"
)

// requestSchema is the schema of a request's body, made from the tags that make the command's flags, and registered
// as SampleRequest.
func requestSchema(api huma.API) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false,
		Description: "Settings of a sampling: the flags of ito sample. What is left out has its default."}
	for _, p := range spec.Properties(sample.Config{}) {
		s.Properties[p.Key] = schemaOf(p)
	}
	api.OpenAPI().Components.Schemas.Map()["SampleRequest"] = s
	return &huma.Schema{Ref: "#/components/schemas/SampleRequest"}
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func schemaOf(p spec.Property) *huma.Schema {
	s := &huma.Schema{Type: p.Type, Description: plain(p.Help)}
	if p.Default != nil {
		s.Default = p.Default
	}
	for _, w := range p.Enum {
		s.Enum = append(s.Enum, w)
	}
	for _, w := range p.Words {
		s.Examples = append(s.Examples, w)
	}
	if p.Above {
		s.ExclusiveMinimum = p.Least
	} else {
		s.Minimum = p.Least
	}
	if p.Below {
		s.ExclusiveMaximum = p.Most
	} else {
		s.Maximum = p.Most
	}
	if p.Items != nil {
		s.Items = schemaOf(*p.Items)
	}
	return s
}

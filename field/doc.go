// Package field holds what is known at time t: closed-form fields of Gaussian and mixture data on every
// path, the conversions among predictions, and classifier-free guidance.
package field

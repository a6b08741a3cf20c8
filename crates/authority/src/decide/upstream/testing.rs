//! What the tests of this question share.

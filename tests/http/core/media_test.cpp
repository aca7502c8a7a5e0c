#include <doctest/doctest.h>

#include "http/core/media.hpp"

using namespace hearth::http;

TEST_CASE("media types are lower case and without parameters") {
  CHECK(media_type("Application/JSON ; charset=x") == "application/json");
  CHECK(media_type("").empty());
  CHECK(media_type(" ;a").empty());
}

TEST_CASE("the charset is a parameter of its own") {
  CHECK(charset_of("text/plain; charset=ISO-8859-1") == "iso-8859-1");
  CHECK(charset_of("text/plain;a=b; Charset=\"UTF-8\" ;c") == "utf-8");
  CHECK(charset_of("text/plain; xcharset=a").empty());
  CHECK(charset_of("text/plain").empty());
}

TEST_CASE("Latin-1 becomes UTF-8, what is not known does not") {
  CHECK(to_utf8("caf\xE9", "iso-8859-1") == "caf\xC3\xA9");
  CHECK(to_utf8("caf\xC3\xA9", "utf-8") == "caf\xC3\xA9");
  CHECK(to_utf8("a", "") == "a");
  CHECK_FALSE(to_utf8("a", "utf-16"));
}

#include <doctest/doctest.h>

#include "runtime/fetch/url.hpp"

using namespace hearth;

TEST_CASE("credentials are cut from a URL") {
  CHECK(without_credentials("http://u:p@h/a@b") == "http://h/a@b");
  CHECK(without_credentials("http://h/a@b") == "http://h/a@b");
  CHECK(without_credentials("maven:a:b:1") == "maven:a:b:1");
}

TEST_CASE("a host is its name and its port") {
  CHECK(host_of("http://u:p@Example.org/x") == "example.org:80");
  CHECK(host_of("https://example.org:444") == "example.org:444");
  CHECK(host_of("ftp://example.org/x") == "example.org:21");
  CHECK(host_of("http://[::1]:8080/") == "[::1]:8080");
  CHECK(host_of("no url at all") == "no url at all");
}

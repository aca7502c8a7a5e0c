#include <doctest/doctest.h>

#include "http/core/origin.hpp"

using namespace hearth::http;

TEST_CASE("lists are split at commas") {
  CHECK(split_list("").empty());
  CHECK(split_list(" a , b,,\tc ") == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("the host of an authority") {
  struct row {
    const char* authority;
    const char* host;
  };
  for (const auto& x :
       {row{"a.example", "a.example"}, row{"a.example:8090", "a.example"},
        row{"[::1]:80", "::1"}, row{"[::1]", "::1"}, row{"a:", "a"},
        row{"", ""}, row{"[::1", ""}, row{"a:80x", ""}, row{"a/b", ""},
        row{"user@a", ""}, row{"a b", ""}, row{"a,b", ""}, row{"[::1]x", ""},
        row{":80", ""}}) {
    CAPTURE(x.authority);
    CHECK(host_of(x.authority) == x.host);
  }
}

TEST_CASE("names and addresses of this machine alone") {
  for (auto host : {"localhost", "LocalHost", "a.localhost", "127.0.0.1",
                    "127.9.9.9", "::1"})
    CHECK(is_loopback(host));
  for (auto host : {"", "localhost.example", "xlocalhost", "10.0.0.1",
                    "127.0.0.1.example", "0.0.0.0", "::", "2130706433"})
    CHECK_FALSE(is_loopback(host));
}

TEST_CASE("a server on loopback answers to loopback names and those allowed") {
  host_list hosts{"127.0.0.1", "jobs.example, other.example"};
  for (auto host : {"localhost:8090", "127.0.0.1", "[::1]:80", "JOBS.example",
                    "other.example:443"})
    CHECK(hosts.admits(host));
  for (auto host : {"evil.test", "evil.test:8090", "", "10.0.0.1", "a b"})
    CHECK_FALSE(hosts.admits(host));
}

TEST_CASE("a server beyond loopback answers to every name, or to its list") {
  host_list open{"0.0.0.0", ""};
  CHECK(open.admits("evil.test"));
  CHECK_FALSE(open.admits("a b"));
  host_list listed{"10.0.0.1", "jobs.example"};
  CHECK(listed.admits("10.0.0.1:8090"));
  CHECK(listed.admits("localhost"));
  CHECK(listed.admits("jobs.example"));
  CHECK_FALSE(listed.admits("evil.test"));
}

TEST_CASE("where a page is from") {
  struct row {
    const char* allowed;
    const char* origin;
    const char* authority;
    const char* site;
    page from;
  };
  for (const auto& x :
       {row{"", "", "localhost:8090", "", page::none},
        row{"", "", "localhost:8090", "none", page::none},
        row{"", "", "localhost:8090", "same-origin", page::none},
        row{"", "", "localhost:8090", "cross-site", page::foreign},
        row{"*", "", "localhost:8090", "cross-site", page::any},
        row{"", "http://localhost:8090", "localhost:8090", "same-origin",
            page::own},
        row{"", "http://LOCALHOST:8090", "localhost:8090", "", page::own},
        row{"", "https://jobs.example", "jobs.example", "", page::own},
        row{"", "http://jobs.example", "jobs.example:80", "", page::own},
        row{"", "http://[::1]:8090", "[::1]:8090", "", page::own},
        row{"", "http://localhost:8090", "localhost:8090", "cross-site",
            page::foreign},
        row{"", "http://localhost:3000", "localhost:8090", "same-site",
            page::foreign},
        row{"", "http://localhost", "localhost:8090", "", page::foreign},
        row{"", "http://evil.test", "localhost:8090", "", page::foreign},
        row{"", "null", "localhost:8090", "", page::foreign},
        row{"", "file://", "localhost:8090", "", page::foreign},
        row{"http://a.example, http://b.example", "http://b.example",
            "localhost", "cross-site", page::listed},
        row{"http://a.example", "http://a.example.evil", "localhost", "",
            page::foreign},
        row{"*, http://a.example", "http://a.example", "localhost", "",
            page::listed},
        row{"*", "http://evil.test", "localhost:8090", "", page::any}}) {
    CAPTURE(x.origin);
    CAPTURE(x.site);
    CHECK(origin_list{x.allowed}.of(x.origin, x.authority, x.site) == x.from);
  }
}

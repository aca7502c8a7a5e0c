#include <doctest/doctest.h>

#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;

TEST_CASE_FIXTURE(fixture, "binaries are listed and shown") {
  CHECK(get("/binaries").body
        == R"({"a":{"binary-type":"Jar",)"
           R"("upload-time":"1970-01-01T00:00:00.001Z"}})");
  CHECK(get("/binaries/a").body
        == R"({"app-name":"a","binary-type":"Jar",)"
           R"("upload-time":"1970-01-01T00:00:00.001Z"})");
  CHECK(get("/binaries/b").body == error("Can't find binary with name b"));
  CHECK(get("/jars").body == R"({"a":"1970-01-01T00:00:00.001Z"})");
}

TEST_CASE_FIXTURE(fixture, "a binary's tag is the digest of its content") {
  auto tag_of = [](const response& x) {
    for (const auto& [name, value] : x.headers)
      if (name == "ETag")
        return value;
    return std::string{"none"};
  };
  CHECK(tag_of(get("/binaries/a")) == R"("5e1f")");
  CHECK(tag_of(get("/binaries/b")) == "none");
}

TEST_CASE_FIXTURE(fixture, "an upload's type follows from its media type") {
  struct row {
    const char* media;
    int status;
    binary_type type;
  };
  for (auto [media, status, type] :
       {row{"application/java-archive", 201, binary_type::jar},
        row{"Application/Java-Archive ; charset=UTF-8", 201, binary_type::jar},
        row{"application/python-egg", 201, binary_type::egg},
        row{"application/python-archive", 201, binary_type::egg},
        row{"application/python-wheel", 201, binary_type::wheel},
        row{"text/plain", 415, {}}, row{"", 415, {}}}) {
    const auto* shown = media;
    CAPTURE(shown);
    auto x = post("/binaries/n", zip, media);
    CHECK(x.status == status);
    if (status == 201) {
      CHECK(x.body == R"({"status":"SUCCESS"})");
      CHECK(upload.type == type);
      CHECK(*upload.content == zip);
    }
  }
  CHECK(post("/binaries/n", zip).body
        == error("Unsupported binary type application/octet-stream"));
}

TEST_CASE_FIXTURE(fixture, "a shared library has a media type of its own") {
  auto x = post("/binaries/n", "\177ELF", "application/x-sharedlib");
  CHECK(x.status == 201);
  CHECK(upload.type == binary_type::native);
}

TEST_CASE_FIXTURE(fixture, "content that is not of its type is answered 400") {
  todo.put = [](const binary_upload&) -> caf::result<binary_record> {
    return make_error(ec::binary_malformed, "Binary is not of the right "
                                            "format");
  };
  for (auto path : {"/binaries/n", "/jars/n"}) {
    auto x = post(path, "hello", "application/java-archive");
    CHECK(x.status == 400);
    CHECK(x.body == error("Binary is not of the right format"));
  }
}

TEST_CASE_FIXTURE(fixture, "jars of old clients have any media type") {
  auto x = post("/jars/n", zip, "application/x-www-form-urlencoded");
  CHECK(x.status == 200);
  CHECK(x.body == R"({"status":"SUCCESS","result":"Jar uploaded"})");
  CHECK(upload.name == "n");
  CHECK(call(method::delete_, "/jars/a").body == R"({"status":"SUCCESS"})");
}

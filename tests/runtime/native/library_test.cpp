#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "runtime/native/agent/library.hpp"
#include "runtime/native/agent/text.hpp"

using namespace hearth;

namespace {

protocol::binary_ref binary(const std::string& name) {
  return {name, "Native", name, std::string{LIBRARIES} + "/" + name + ".so"};
}

} // namespace

TEST_CASE("the first library that has a job provides it") {
  auto folder = std::filesystem::temp_directory_path().string();
  native::libraries all{folder};
  auto x = all.find(
    {binary("test_crash_jobs"), binary("test_jobs_v2"), binary("test_jobs_v1")},
    "version");
  REQUIRE(x.job);
  CHECK(x.digest == "test_jobs_v2");
  x = all.find({binary("test_crash_jobs")}, "version");
  CHECK_FALSE(x.job);
  CHECK(x.known.find("segfault") != std::string::npos);
}

TEST_CASE("a binary of another type is refused") {
  native::libraries all{"."};
  CHECK_THROWS_WITH_AS(
    all.find({{"a", "Jar", "d", "a.jar"}}, "version"),
    "the library a cannot be loaded: it is of type Jar, and this context runs "
    "shared libraries (Native)",
    native::load_error);
}

TEST_CASE("texts of jobs become UTF-8 of bounded size") {
  CHECK(native::clean("grün 🔥") == "grün 🔥");
  CHECK(native::clean("\xc3") == "?");
  CHECK(native::clean("a\xed\xa0\x80z") == "a???z");
  CHECK(native::clean("\xf5\x80\x80\x80") == "????");
  CHECK(native::clean(std::string(100'000, 'x')).size()
        < native::max_text + 10);
}

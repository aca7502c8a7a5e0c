#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "store/files/content_files.hpp"

using namespace hearth;
namespace fs = std::filesystem;

namespace {

struct folder {
  ~folder() {
    fs::remove_all(path);
  }

  std::size_t count() const {
    return static_cast<std::size_t>(
      std::distance(fs::directory_iterator{path}, fs::directory_iterator{}));
  }

  fs::path path = fs::temp_directory_path() / ("hearth-" + make_uuid());
};

} // namespace

TEST_CASE("SHA-256 is that of FIPS 180-4") {
  CHECK(sha256("abc")
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE_FIXTURE(folder, "content is stored under its hash, once") {
  content_files files{path.string()};
  auto digest = files.put(binary_type::jar, "abc");
  CHECK(digest == sha256("abc"));
  CHECK(files.put(binary_type::jar, "abc") == digest);
  CHECK(count() == 1);
  std::ifstream in{files.path(binary_type::jar, digest)};
  std::string text;
  in >> text;
  CHECK(text == "abc");
}

TEST_CASE_FIXTURE(folder, "the ending follows the type") {
  content_files files{path.string()};
  CHECK(files.path(binary_type::jar, "d").ends_with("/d.jar"));
  CHECK(files.path(binary_type::egg, "d").ends_with("/d.egg"));
  CHECK(files.path(binary_type::wheel, "d").ends_with("/d.whl"));
  CHECK(files.path(binary_type::native, "d").ends_with("/d.so"));
}

TEST_CASE_FIXTURE(folder, "only its owner may look into the folder") {
  content_files files{path.string()};
  CHECK(fs::status(path).permissions() == fs::perms::owner_all);
}

TEST_CASE_FIXTURE(folder, "what cannot be written leaves nothing behind") {
  content_files files{path.string()};
  auto digest = sha256("abc");
  auto blocked = files.path(binary_type::jar, digest) + ".part";
  fs::create_directory(blocked);
  CHECK_THROWS_AS(files.put(binary_type::jar, "abc"), fs::filesystem_error);
  CHECK_FALSE(fs::exists(files.path(binary_type::jar, digest)));
}

TEST_CASE_FIXTURE(folder, "erased content is gone, and erasing it again is "
                          "fine") {
  content_files files{path.string()};
  auto digest = files.put(binary_type::jar, "abc");
  files.erase(binary_type::jar, digest);
  files.erase(binary_type::jar, digest);
  CHECK(count() == 0);
}

TEST_CASE_FIXTURE(folder, "what a killed server was writing is removed") {
  std::string digest;
  {
    content_files files{path.string()};
    digest = files.put(binary_type::jar, "abc");
  }
  std::ofstream{path / "def.jar.part"} << "d";
  content_files files{path.string()};
  CHECK(count() == 1);
  CHECK(fs::exists(files.path(binary_type::jar, digest)));
}

#include <fstream>

#include <doctest/doctest.h>

#include "store/files/data_files.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;

namespace {

constexpr millis noon = 1'488'283'200'000; // 2017-02-28T12:00:00Z

struct fixture {
  temp_dir dir;
  std::string folder = dir / "data";
  data_files files{folder};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a data file is named by its prefix and the time") {
  auto path = files.put("rec", "hello", noon + 7);
  CHECK(path == folder + "/rec-2017-02-28T12_00_00.007Z.dat");
  std::string content;
  std::getline(std::ifstream{path}, content);
  CHECK(content == "hello");
  CHECK(files.list() == std::vector{path});
}

TEST_CASE_FIXTURE(fixture, "two files of one millisecond are two files") {
  auto first = files.put("rec", "1", noon);
  auto second = files.put("rec", "2", noon);
  CHECK(first != second);
  CHECK(files.list().size() == 2);
}

TEST_CASE_FIXTURE(fixture, "only files of the folder are removed") {
  auto path = files.put("rec", "1", noon);
  for (auto& other : {std::string{"/etc/hostname"}, folder + "/../x.dat",
                      folder + "/", folder + "/.dat", std::string{"x.dat"}})
    CHECK_THROWS_AS(files.erase(other), bad_data_name);
  CHECK(files.erase(path));
  CHECK_FALSE(files.erase(path));
  CHECK(files.list().empty());
}

TEST_CASE_FIXTURE(fixture, "a file is found by its path and by its name") {
  auto path = files.put("rec", "1", noon);
  CHECK(files.find(path) == path);
  CHECK(files.find("rec-2017-02-28T12_00_00.000Z.dat") == path);
  for (auto& other :
       {std::string{"/etc/a.dat"}, folder + "/../a.dat",
        std::string{"../a.dat"}, std::string{"a.txt"}, folder, std::string{}})
    CHECK_THROWS_AS(files.find(other), bad_data_name);
}

TEST_CASE_FIXTURE(fixture, "no prefix leads out of the folder") {
  for (auto prefix : {"", "..", "../x", "a/b", ".hidden", "a\nb"})
    CHECK_THROWS_AS(files.put(prefix, "x", noon), bad_data_name);
  CHECK_THROWS_AS(files.put(std::string(201, 'x'), "x", noon), bad_data_name);
}

TEST_CASE_FIXTURE(fixture, "a reset removes every file") {
  files.put("a", "1", noon);
  files.put("b", "2", noon);
  files.clear();
  CHECK(files.list().empty());
}

TEST_CASE_FIXTURE(fixture, "there are as many data files as there may be") {
  data_files few{folder, 1};
  auto path = few.put("a", "x", 0);
  CHECK_THROWS_AS(few.put("b", "x", 0), too_many_data_files);
  few.erase(path);
  few.put("b", "x", 0);
}

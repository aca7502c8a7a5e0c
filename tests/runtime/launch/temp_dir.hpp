/// A directory for one test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

struct temp_dir {
  temp_dir() {
    std::string name
      = (std::filesystem::temp_directory_path() / "hearth-XXXXXX").string();
    if (!::mkdtemp(name.data()))
      throw std::runtime_error("no temporary directory");
    path = name;
  }

  ~temp_dir() {
    std::filesystem::remove_all(path);
  }

  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  std::string operator/(const std::string& name) const {
    return path + "/" + name;
  }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::path file = *this / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary} << text;
  }

  std::string read(const std::string& name) const {
    std::ostringstream result;
    result << std::ifstream{*this / name, std::ios::binary}.rdbuf();
    return result.str();
  }

  std::string path;
};

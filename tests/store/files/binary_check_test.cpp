#include <elf.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "store/files/binary_check.hpp"
#include "store/files/zip_check.hpp"
#include "tests/zips.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

using entries = std::vector<std::pair<std::string, std::string>>;

/// Entries of a few kilobytes that have every byte, as classes do.
const entries& classes() {
  static const auto result = [] {
    std::mt19937 random{1};
    entries all{{"META-INF/", ""}, {"META-INF/MANIFEST.MF", "Version: 1\n"}};
    for (auto name : {"a/A.class", "a/B.class", "a/C.class"}) {
      std::string content(6000, '\0');
      for (auto& c : content)
        c = static_cast<char>(random());
      all.emplace_back(name, content);
    }
    return all;
  }();
  return result;
}

std::string why(const std::string& content,
                binary_type type = binary_type::jar) {
  return binary_fault(type, content).value_or("whole");
}

void check_says(const std::string& content, std::string_view part,
                binary_type type = binary_type::jar) {
  auto said = why(content, type);
  CAPTURE(said);
  CAPTURE(part);
  CHECK(said.find(part) != std::string::npos);
}

std::string replaced(std::string_view text, std::string_view what,
                     std::string_view by) {
  std::string result;
  for (auto at = text.find(what); at != text.npos; at = text.find(what)) {
    result += text.substr(0, at);
    result += by;
    text.remove_prefix(at + what.size());
  }
  return result.append(text);
}

/// As a program does that takes bytes for UTF-8.
std::string read_as_utf8(const std::string& text) {
  std::string result;
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x80)
      result += c;
    else
      result += "\xEF\xBF\xBD";
  return result;
}

std::string written_as_utf8(const std::string& text) {
  std::string result;
  for (unsigned char c : text)
    if (c < 0x80) {
      result += static_cast<char>(c);
    } else {
      result += static_cast<char>(0xC0 | (c >> 6));
      result += static_cast<char>(0x80 | (c & 0x3F));
    }
  return result;
}

std::string own_program() {
  std::ifstream in{"/proc/self/exe", std::ios::binary};
  std::string head(sizeof(Elf64_Ehdr), '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  return head;
}

/// A library with one section of 100 bytes, whose headers are the last part.
std::string library() {
  auto result = own_program();
  Elf64_Ehdr head{};
  std::copy(result.begin(), result.end(), reinterpret_cast<char*>(&head));
  head.e_phnum = 0;
  head.e_phoff = 0;
  head.e_shnum = 3;
  head.e_shoff = sizeof head + 100;
  head.e_shentsize = sizeof(Elf64_Shdr);
  Elf64_Shdr sections[3]{};
  sections[1].sh_type = SHT_PROGBITS;
  sections[1].sh_offset = sizeof head;
  sections[1].sh_size = 100;
  sections[2].sh_type = SHT_NOBITS;
  sections[2].sh_offset = sizeof head;
  sections[2].sh_size = 1 << 30;
  result.assign(reinterpret_cast<char*>(&head), sizeof head);
  result.append(100, '\x90');
  return result.append(reinterpret_cast<char*>(sections), sizeof sections);
}

} // namespace

TEST_CASE("every kind of zip file that is legal is whole") {
  for (auto deflate : {false, true})
    for (auto descriptors : {false, true})
      for (auto zip64 : {false, true})
        for (std::string before : {"", "#!/bin/sh\nexec java -jar $0\n"})
          for (auto counts : {false, true})
            for (std::string comment : {"", "a comment", "PK\5\6 in it"}) {
              zip_maker make{deflate, descriptors, zip64,
                             before,  counts,      comment};
              CAPTURE(deflate);
              CAPTURE(descriptors);
              CAPTURE(zip64);
              CAPTURE(before);
              CAPTURE(counts);
              CAPTURE(comment);
              CHECK(why(make(classes())) == "whole");
            }
}

TEST_CASE("an archive without entries is whole, of each type") {
  for (auto type : {binary_type::jar, binary_type::egg, binary_type::wheel})
    CHECK(why(jar_with(""), type) == "whole");
  CHECK(why(jar_with(std::string(0xFFFF, 'x'))) == "whole");
}

TEST_CASE("what is no zip at all is said without a reason") {
  CHECK(why("") == "");
  CHECK(why("hello") == "");
  CHECK(why("PK") == "");
  CHECK(why(std::string(200'000, 'x')) == "");
  CHECK(why("\177ELF and more") == "");
}

TEST_CASE("a zip file that is cut anywhere is refused") {
  auto whole = zip_maker{}(classes());
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    CAPTURE(size);
    CHECK(binary_fault(binary_type::jar, whole.substr(0, size)));
  }
  check_says(whole.substr(0, 9000), "cut off: it ends after 9000 bytes");
  check_says(whole.substr(0, whole.size() - 1), "cut off");
  zip_maker with_comment;
  with_comment.comment = "twelve bytes";
  auto commented = with_comment(classes());
  check_says(commented.substr(0, commented.size() - 3),
             "cut off in the comment");
  check_says(whole.substr(100), "bytes are missing before it");
}

TEST_CASE("a whole archive in one that was cut off does not count") {
  zip_maker stored;
  stored.deflate = false;
  auto inner = stored({{"in", "x"}});
  auto outer = stored({{"a", "first"}, {"lib/in.jar", inner}, {"z", "last"}});
  auto end = outer.find(inner) + inner.size();
  check_says(outer.substr(0, end), "a larger zip file with a whole one in it");
  check_says(outer.substr(0, end + 10), "cut off");
}

TEST_CASE("bytes behind the end are not part of the archive") {
  check_says(zip_maker{}(classes()) + "\r\n--boundary--",
             "14 bytes follow the end");
}

TEST_CASE("an archive that went through a text is refused with the cause") {
  auto whole = zip_maker{}(classes());
  check_says(read_as_utf8(whole), "replaced by U+FFFD");
  check_says(written_as_utf8(whole), "written as UTF-8 text");
  check_says(replaced(whole, "\n", "\r\n"), "its line feeds became");
  check_says(replaced(whole, "\r", ""), "its carriage returns were removed");
  auto one_line = replaced(replaced(whole, "\r", ""), "\n", "");
  check_says(one_line, "as curl -d does");
  check_says(one_line, "--data-binary @FILE");
  check_says(replaced(whole, std::string(1, '\0'), ""), "its NUL bytes were");
  std::string ascii = whole;
  for (char& c : ascii)
    c = static_cast<unsigned char>(c) < 0x80 ? c : '?';
  check_says(ascii, "written as ASCII text");
}

TEST_CASE("forms and Base64 are said to be such") {
  auto whole = zip_maker{}(classes());
  check_says("--1\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n" + whole
               + "\r\n--1--\r\n",
             "it is a form with a file in it");
  check_says("UEsDBBQAAAAIAA==", "it is a Base64 text");
  check_says("f0VMRgIBAQA=", "it is a Base64 text", binary_type::native);
}

TEST_CASE("a zip file with any byte of an entry changed is refused") {
  for (auto deflate : {false, true}) {
    zip_maker make;
    make.deflate = deflate;
    auto whole = make(classes());
    auto content = whole.find("a/B.class") + 9;
    for (std::size_t i = 100; i < 5000; i += 501) {
      auto changed = whole;
      changed[content + i] ^= 0x40;
      CAPTURE(i);
      check_says(changed, "the content of its entry 'a/B.class'");
    }
  }
}

TEST_CASE("a directory that does not fit its entries is refused") {
  auto whole = zip_maker{}(classes());
  auto entry = whole.find("PK\1\2");
  auto changed = [&](std::size_t at, const char* bytes, std::size_t n) {
    auto result = whole;
    result.replace(at, n, bytes, n);
    return result;
  };
  check_says(changed(entry + 42, "\1\0\0\0", 4), "is not where the directory");
  check_says(changed(entry + 42, "\xFE\xFF\xFF\xFF", 4), "is not where");
  check_says(changed(entry + 20, "\xFE\xFF\xFF\xFF", 4),
             "is said to have 4294967294 bytes");
  check_says(changed(entry, "PK\1\3", 4), "its directory is damaged");
  check_says(changed(entry + 28, "\xFF\xFF", 2), "its directory is damaged");
  auto end = whole.rfind("PK\5\6");
  check_says(changed(end + 10, "\7\0", 2),
             "7 entries, but its directory has 5");
  check_says(changed(end + 4, "\1\0", 2), "split zip file");
  check_says(changed(end + 12, "\xFF\xFF\xFF\x7F", 4), "its directory is said");
}

TEST_CASE("a ZIP64 record that is not there is refused") {
  zip_maker make;
  make.zip64 = true;
  auto whole = make(classes());
  auto at = whole.rfind("PK\6\6");
  whole[at + 4] = 45;
  check_says(whole, "its ZIP64 end record is not where it is said to be");
}

TEST_CASE("entries of endless size cost no more than the limit") {
  // A megabyte of zeros is a kilobyte; a thousand entries share it.
  auto zeros = deflated(std::string(1 << 20, '\0'));
  auto crc = crc32(
    0, reinterpret_cast<const Bytef*>(std::string(1 << 20, '\0').data()),
    1 << 20);
  std::string file = "PK\3\4" + std::string(26, '\0') + zeros;
  std::string directory;
  for (int i = 0; i < 1000; ++i) {
    directory += "PK\1\2" + std::string(6, '\0');
    put_number(directory, 8, 2);
    put_number(directory, 0, 4);
    // Behind the limit nobody looks at the checksum.
    put_number(directory, i < 256 ? crc : 1, 4);
    put_number(directory, zeros.size(), 4);
    put_number(directory, 1 << 20, 4);
    directory += std::string(18, '\0');
  }
  auto begin = file.size();
  file += directory + std::string{"PK\5\6\0\0\0\0", 8};
  put_number(file, 1000, 2);
  put_number(file, 1000, 2);
  put_number(file, directory.size(), 4);
  put_number(file, begin, 4);
  put_number(file, 0, 2);
  CHECK(why(file) == "whole");
}

TEST_CASE("a shared library is whole up to the last byte its headers name") {
  auto whole = library();
  CHECK(why(whole, binary_type::native) == "whole");
  for (std::size_t size = 4; size < whole.size(); ++size) {
    CAPTURE(size);
    check_says(whole.substr(0, size), "cut off", binary_type::native);
  }
  CHECK(why("hello", binary_type::native) == "");
  CHECK(why(jar_with(""), binary_type::native) == "");
  auto damaged = whole;
  damaged[EI_CLASS] = 9;
  check_says(damaged, "neither for 32 nor for 64", binary_type::native);
}

TEST_CASE("a file is checked where it lies") {
  auto path = std::filesystem::temp_directory_path()
              / ("hearth-check-" + std::to_string(::getpid()));
  std::ofstream{path, std::ios::binary} << zip_maker{}(classes());
  CHECK_FALSE(binary_fault_of_file(binary_type::jar, path.string()));
  std::ofstream{path}.flush();
  CHECK(binary_fault_of_file(binary_type::jar, path.string()) == "");
  std::filesystem::remove(path);
  CHECK_THROWS_AS(binary_fault_of_file(binary_type::jar, path.string()),
                  std::filesystem::filesystem_error);
}

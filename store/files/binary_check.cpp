#include "store/files/binary_check.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "store/files/elf_check.hpp"
#include "store/files/zip_check.hpp"
#include "store/utf8.hpp"

namespace hearth {

namespace {

using namespace std::string_view_literals;

/// Fewer bytes than these say nothing about how they were changed.
constexpr std::size_t least_counted = 4096;
constexpr std::size_t least_lines = 4;

constexpr auto as_it_is
  = "; send the file as it is, as curl --data-binary @FILE does"sv;

struct counts {
  std::size_t nul = 0;
  std::size_t line_feeds = 0;
  std::size_t carriage_returns = 0;
  std::size_t both = 0; ///< carriage returns just before line feeds
  std::size_t beyond_ascii = 0;
};

counts count(std::string_view content) {
  counts result;
  char before = 0;
  for (auto c : content) {
    result.nul += c == '\0';
    result.line_feeds += c == '\n';
    result.carriage_returns += c == '\r';
    result.both += c == '\n' && before == '\r';
    result.beyond_ascii += static_cast<unsigned char>(c) >= 0x80;
    before = c;
  }
  return result;
}

/// What a way that takes bytes for text has done to them; "" if nothing that is
/// known. Archives and libraries are as good as random, so that no byte is
/// missing from them by chance.
std::string change_of(std::string_view content) {
  auto n = count(content);
  if (n.beyond_ascii > 0 && is_utf8(content))
    return content.find("\xEF\xBF\xBD"sv) != std::string_view::npos
             ? "it was read as UTF-8 text on its way, and the bytes that are "
               "no text were replaced by U+FFFD"
             : "it was written as UTF-8 text on its way";
  if (n.beyond_ascii == 0 && content.size() >= least_counted)
    return "it was written as ASCII text on its way, and has no other bytes";
  if (n.line_feeds >= least_lines && n.line_feeds == n.both)
    return "its line feeds became carriage returns with line feeds on its way";
  if (content.size() < least_counted)
    return {};
  if (n.line_feeds == 0 && n.carriage_returns == 0)
    return "its line ends were removed on its way, as curl -d does";
  if (n.nul == 0)
    return "its NUL bytes were removed on its way";
  if (n.carriage_returns == 0)
    return "its carriage returns were removed on its way";
  return {};
}

/// A form with a file in it.
bool is_form(std::string_view content) {
  auto head = content.substr(0, 1024);
  return head.starts_with("--")
         && head.find("Content-Disposition: form-data") != head.npos;
}

/// The first bytes of Base64 texts of zip and ELF files.
bool is_base64(std::string_view content) {
  return content.starts_with("UEsDB") || content.starts_with("f0VMRg");
}

/// Whether it is meant to be a zip file. There may be other data before the
/// first entry.
bool is_like_zip(std::string_view content) {
  constexpr std::size_t longest_end = 22 + 0xFFFF;
  auto end
    = content.substr(content.size() - std::min(content.size(), longest_end));
  return content.starts_with("PK\3\4"sv)
         || end.find("PK\5\6"sv) != std::string_view::npos;
}

/// @param why the content is no whole file of its type
std::string explain(std::string_view content, std::string why) {
  if (auto change = change_of(content); !change.empty())
    return change + " (" + why + ")" + std::string{as_it_is};
  return why + "; send the whole file once more";
}

/// A file that is read as if it were in memory.
class mapped_file {
public:
  explicit mapped_file(const std::string& path) {
    auto fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (fd >= 0 && ::fstat(fd, &info) == 0) {
      size_ = static_cast<std::size_t>(info.st_size);
      if (size_ > 0)
        data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    auto error = errno;
    if (fd >= 0)
      ::close(fd);
    if (fd < 0 || data_ == MAP_FAILED)
      throw std::filesystem::filesystem_error(
        "cannot read", path, std::error_code{error, std::system_category()});
  }

  ~mapped_file() {
    if (data_)
      ::munmap(data_, size_);
  }

  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;

  std::string_view content() const {
    return {static_cast<const char*>(data_), size_};
  }

private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

} // namespace

std::optional<std::string> binary_fault(binary_type type,
                                        std::string_view content) {
  auto is_elf = type == binary_type::native;
  auto is_like_type
    = is_elf ? content.starts_with("\177ELF") : is_like_zip(content);
  if (is_form(content))
    return "it is a form with a file in it, as curl -F sends it"
           + std::string{as_it_is};
  if (is_base64(content))
    return "it is a Base64 text" + std::string{as_it_is};
  if (!is_like_type)
    return "";
  auto why = is_elf ? elf_fault(content) : zip_fault(content);
  if (!why)
    return std::nullopt;
  return explain(content, std::move(*why));
}

std::optional<std::string> binary_fault_of_file(binary_type type,
                                                const std::string& path) {
  mapped_file file{path};
  return binary_fault(type, file.content());
}

} // namespace hearth

#include "store/files/elf_check.hpp"

#include <elf.h>

#include "store/files/byte_reader.hpp"

namespace hearth {

namespace {

/// A table of headers: where it is, how large a header is, and how many there
/// are.
struct table {
  std::uint64_t at = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
};

/// A part of the file that a header names.
struct extent {
  std::uint64_t at = 0;
  std::uint64_t size = 0;
};

class checker {
public:
  checker(std::string_view file, bool wide, bool big_endian)
    : in_(file, big_endian), wide_(wide) {}

  std::optional<std::string> fault() const {
    if (!in_.has(0, wide_ ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
      return cut();
    auto found = fault_of(sections(), &checker::section, "section");
    return found ? found : fault_of(segments(), &checker::segment, "segment");
  }

private:
  /// Reads a member of a struct that is different for 32 and 64 bits.
  std::uint64_t word(std::uint64_t at, unsigned narrow, unsigned wide) const {
    return wide_ ? in_.number(at + wide, 8) : in_.number(at + narrow, 4);
  }

  std::uint64_t half(unsigned narrow, unsigned wide) const {
    return in_.number(wide_ ? wide : narrow, 2);
  }

  table sections() const {
    table result{
      word(0, offsetof(Elf32_Ehdr, e_shoff), offsetof(Elf64_Ehdr, e_shoff)),
      half(offsetof(Elf32_Ehdr, e_shentsize),
           offsetof(Elf64_Ehdr, e_shentsize)),
      half(offsetof(Elf32_Ehdr, e_shnum), offsetof(Elf64_Ehdr, e_shnum))};
    // A larger number than the header has room for is in the first section.
    if (result.count == 0 && result.at != 0)
      result.count = std::max<std::uint64_t>(
        1, word(result.at, offsetof(Elf32_Shdr, sh_size),
                offsetof(Elf64_Shdr, sh_size)));
    return result;
  }

  table segments() const {
    table result{
      word(0, offsetof(Elf32_Ehdr, e_phoff), offsetof(Elf64_Ehdr, e_phoff)),
      half(offsetof(Elf32_Ehdr, e_phentsize),
           offsetof(Elf64_Ehdr, e_phentsize)),
      half(offsetof(Elf32_Ehdr, e_phnum), offsetof(Elf64_Ehdr, e_phnum))};
    if (result.count == PN_XNUM)
      result.count = in_.number(sections().at
                                  + (wide_ ? offsetof(Elf64_Shdr, sh_info)
                                           : offsetof(Elf32_Shdr, sh_info)),
                                4);
    return result;
  }

  extent section(std::uint64_t at) const {
    auto type = in_.number(at + offsetof(Elf64_Shdr, sh_type), 4);
    if (type == SHT_NULL || type == SHT_NOBITS)
      return {};
    return {
      word(at, offsetof(Elf32_Shdr, sh_offset),
           offsetof(Elf64_Shdr, sh_offset)),
      word(at, offsetof(Elf32_Shdr, sh_size), offsetof(Elf64_Shdr, sh_size))};
  }

  extent segment(std::uint64_t at) const {
    return {
      word(at, offsetof(Elf32_Phdr, p_offset), offsetof(Elf64_Phdr, p_offset)),
      word(at, offsetof(Elf32_Phdr, p_filesz), offsetof(Elf64_Phdr, p_filesz))};
  }

  std::optional<std::string> fault_of(const table& all,
                                      extent (checker::*read)(std::uint64_t)
                                        const,
                                      const char* what) const {
    if (all.at == 0 || all.count == 0)
      return std::nullopt;
    auto least = std::string_view{what} == "section"
                   ? (wide_ ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr))
                   : (wide_ ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
    if (all.size < least)
      return "its " + std::string{what} + " headers are said to have "
             + std::to_string(all.size) + " bytes each, which is too few";
    if (all.count > in_.size() / all.size
        || !in_.has(all.at, all.count * all.size))
      return cut() + ", and its table of " + what + "s would end beyond that";
    for (std::uint64_t i = 0; i < all.count; ++i) {
      auto part = (this->*read)(all.at + i * all.size);
      if (part.size > 0 && !in_.has(part.at, part.size))
        return cut() + ", and " + what + " " + std::to_string(i)
               + " of it would end beyond that";
    }
    return std::nullopt;
  }

  std::string cut() const {
    return "the ELF file is cut off: it ends after "
           + std::to_string(in_.size()) + " bytes";
  }

  byte_reader in_;
  bool wide_;
};

} // namespace

std::optional<std::string> elf_fault(std::string_view file) {
  if (file.size() < EI_NIDENT)
    return "the ELF file is cut off: it ends after "
           + std::to_string(file.size()) + " bytes";
  auto width = file[EI_CLASS];
  auto order = file[EI_DATA];
  if ((width != ELFCLASS32 && width != ELFCLASS64)
      || (order != ELFDATA2LSB && order != ELFDATA2MSB))
    return "the header of the ELF file is damaged: it is neither for 32 nor "
           "for 64 bits";
  return checker{file, width == ELFCLASS64, order == ELFDATA2MSB}.fault();
}

} // namespace hearth

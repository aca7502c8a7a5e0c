#include "runtime/native/agent/elf.hpp"

#include <cstring>
#include <elf.h>
#include <optional>

namespace hearth::native {

namespace {

#if defined(__x86_64__)
constexpr Elf64_Half own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half own_machine = EM_AARCH64;
#else
#error "hearth-agent-native knows x86-64 and AArch64"
#endif

std::string name_of(Elf64_Half machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "AArch64";
    case EM_386:
      return "x86 (32 bit)";
    case EM_ARM:
      return "ARM (32 bit)";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "PowerPC (64 bit)";
    case EM_S390:
      return "S/390";
    default:
      return "machine " + std::to_string(machine);
  }
}

/// A struct at an offset that the file itself names: it may be any number.
template <class T>
std::optional<T> read(std::string_view file, std::uint64_t offset) {
  if (offset > file.size() || sizeof(T) > file.size() - offset)
    return std::nullopt;
  T result;
  std::memcpy(&result, file.data() + offset, sizeof(T));
  return result;
}

} // namespace

std::string why_not_loadable(std::string_view file) {
  if (!file.starts_with(std::string_view{ELFMAG, SELFMAG}))
    return "it is no ELF file";
  auto head = read<Elf64_Ehdr>(file, 0);
  if (!head)
    return "it is cut off";
  // The places of type and machine are the same in 32 and 64 bit files.
  if (head->e_ident[EI_DATA] != ELFDATA2LSB)
    return "built for a big-endian machine, this one is "
           + name_of(own_machine);
  if (head->e_machine != own_machine || head->e_ident[EI_CLASS] != ELFCLASS64)
    return "built for " + name_of(head->e_machine) + ", this machine is "
           + name_of(own_machine);
  if (head->e_type != ET_DYN)
    return "it is an object file or a program, not a shared library";
  return {};
}

bool make_unique_symbols_weak(std::string& file) {
  auto head = read<Elf64_Ehdr>(file, 0);
  auto changed = false;
  if (!head || head->e_shentsize != sizeof(Elf64_Shdr))
    return false;
  for (std::uint64_t i = 0; i < head->e_shnum; ++i) {
    auto section
      = read<Elf64_Shdr>(file, head->e_shoff + i * sizeof(Elf64_Shdr));
    if (!section || section->sh_type != SHT_DYNSYM)
      continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section->sh_size;
         at += sizeof(Elf64_Sym)) {
      auto symbol = read<Elf64_Sym>(file, section->sh_offset + at);
      if (!symbol)
        break;
      if (ELF64_ST_BIND(symbol->st_info) != STB_GNU_UNIQUE)
        continue;
      symbol->st_info = ELF64_ST_INFO(STB_WEAK, ELF64_ST_TYPE(symbol->st_info));
      std::memcpy(file.data() + section->sh_offset + at, &*symbol,
                  sizeof(Elf64_Sym));
      changed = true;
    }
  }
  return changed;
}

} // namespace hearth::native

#include "runtime/native/agent/library.hpp"

#include <atomic>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "runtime/native/agent/elf.hpp"

namespace hearth::native {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& name, const std::string& why) {
  throw load_error("the library " + name + " cannot be loaded: " + why);
}

std::string content(const std::string& name, const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    fail(name, path + " cannot be read");
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The file that is loaded, which the destructor removes. It is always a copy,
/// because a mapped file must not change under running jobs, and because the
/// loader takes two states of one file for the same library.
class private_copy {
public:
  private_copy(const std::string& folder, const std::string& bytes) {
    static std::atomic<unsigned> count{0};
    path_ = fs::path{folder}
            / ("library-" + std::to_string(::getpid()) + "-"
               + std::to_string(++count) + ".so");
    std::ofstream out{path_, std::ios::binary};
    out << bytes;
    if (!out.flush())
      throw load_error("cannot write " + path_.string());
  }

  ~private_copy() {
    std::error_code ignored; // it lies in the context's own folder
    fs::remove(path_, ignored);
  }

  private_copy(const private_copy&) = delete;
  private_copy& operator=(const private_copy&) = delete;

  const char* path() const noexcept {
    return path_.c_str();
  }

private:
  fs::path path_;
};

const hearth_library* entry_of(void* handle, const std::string& name) {
  auto entry
    = reinterpret_cast<hearth_entry>(::dlsym(handle, HEARTH_ENTRY_NAME));
  if (!entry)
    fail(name, "it is no job library: it has no symbol " HEARTH_ENTRY_NAME
               ", which including hearth/job.hpp gives it");
  const auto* table = entry();
  if (!table)
    fail(name, "it is no job library: " HEARTH_ENTRY_NAME " returns nothing");
  auto version = [](unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
  };
  if (table->abi_major != HEARTH_ABI_MAJOR
      || table->abi_minor > HEARTH_ABI_MINOR)
    fail(name, "it was built for version "
                 + version(table->abi_major, table->abi_minor)
                 + " of the job interface, this server has version "
                 + version(HEARTH_ABI_MAJOR, HEARTH_ABI_MINOR)
                 + "; build it with this server's hearth/job.hpp");
  return table;
}

std::string_view view(hearth_text x) {
  return {x.data, x.size};
}

} // namespace

library::library(const std::string& name, const std::string& path,
                 const std::string& folder) {
  auto bytes = content(name, path);
  if (auto why = why_not_loadable(bytes); !why.empty())
    fail(name, why);
  make_unique_symbols_weak(bytes);
  private_copy copy{folder, bytes};
  auto* handle = ::dlopen(copy.path(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    std::string why = ::dlerror();
    // The copy's name means nothing to the reader.
    if (auto i = why.find(copy.path()); i != std::string::npos)
      why.replace(i, std::string_view{copy.path()}.size(), name);
    fail(name, why);
  }
  table_ = entry_of(handle, name);
}

const hearth_job* library::find(std::string_view job) const {
  for (std::size_t i = 0; i < table_->job_count; ++i)
    if (view(table_->jobs[i].name) == job)
      return &table_->jobs[i];
  return nullptr;
}

std::string library::jobs() const {
  std::string result;
  for (std::size_t i = 0; i < table_->job_count; ++i)
    result.append(i == 0 ? "" : ", ").append(view(table_->jobs[i].name));
  return result;
}

libraries::found
libraries::find(const std::vector<protocol::binary_ref>& binaries,
                std::string_view job) {
  found result;
  for (auto& x : binaries) {
    auto lib = get(x);
    if (const auto* job_found = lib->find(job))
      return {job_found, x.digest, {}};
    result.known += (result.known.empty() ? "" : ", ") + lib->jobs();
  }
  return result;
}

std::shared_ptr<const library> libraries::get(const protocol::binary_ref& x) {
  if (x.type != "Native")
    fail(x.name, "it is of type " + x.type
                   + ", and this context runs shared libraries (Native)");
  // The lock is held while loading, so that two jobs never load the same
  // library twice. The loader has a lock of its own anyway.
  std::lock_guard guard{mutex_};
  auto& entry = loaded_[x.digest];
  if (!entry) {
    try {
      entry = std::make_shared<const library>(x.name, x.path, folder_);
    } catch (...) {
      loaded_.erase(x.digest);
      throw;
    }
  }
  return entry;
}

} // namespace hearth::native

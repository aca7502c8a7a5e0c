#include "runtime/launch/class_archive.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <vector>

#include <openssl/sha.h>

namespace hearth::launch {

namespace {

namespace fs = std::filesystem;

constexpr int first_java_that_can = 13;

struct class_path {
  std::vector<std::string> conf;  ///< Spark's folder of settings, in front
  std::vector<std::string> first; ///< jars of the distribution, before others
  std::string jars;               ///< all of them: a folder and /*
  std::vector<std::string> rest;
};

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> result;
  std::istringstream in{text};
  for (std::string x; std::getline(in, x, at);)
    result.push_back(std::move(x));
  return result;
}

std::string join(const std::vector<std::string>& xs) {
  std::string result;
  for (const auto& x : xs)
    result += (result.empty() ? "" : ":") + x;
  return result;
}

/// The place of the class path among the arguments; 0 if there is none.
std::size_t class_path_at(const process_spec& command) {
  auto i = std::find(command.argv.begin(), command.argv.end(), "-cp");
  if (i == command.argv.end() || i == command.argv.begin()
      || i + 1 == command.argv.end())
    return 0;
  return static_cast<std::size_t>(i - command.argv.begin()) + 1;
}

/// Where the options of the JVM begin.
auto options_of(process_spec& command) {
  return command.argv.begin()
         + static_cast<std::ptrdiff_t>(class_path_at(command)) - 1;
}

/// @returns nothing if a jar or folder of the user's comes before Spark's own
std::optional<class_path> read_class_path(const std::string& text) {
  class_path result;
  auto all = split(text, ':');
  auto jars = std::find_if(all.begin(), all.end(),
                           [](auto& x) { return x.ends_with("/jars/*"); });
  if (jars == all.end())
    return std::nullopt;
  result.jars = *jars;
  result.rest.assign(jars + 1, all.end());
  auto folder = result.jars.substr(0, result.jars.size() - 1);
  for (auto i = all.begin(); i != jars; ++i) {
    // Spark 4 puts a jar of its own before the others.
    if (i->ends_with(".jar") && i->starts_with(folder))
      result.first.push_back(*i);
    else if (i->ends_with(".jar") || i->ends_with("/*"))
      return std::nullopt;
    else
      result.conf.push_back(*i);
  }
  if (result.conf.size() > 1)
    return std::nullopt;
  return result;
}

/// Returns the part of the class path that the archive covers. A JVM uses an
/// archive only if its class path begins with that part.
std::vector<std::string> archived(const class_path& path) {
  auto result = path.first;
  result.push_back(path.jars);
  return result;
}

std::string text_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The number in JAVA_VERSION="17.0.15", 0 if there is none.
int java_version(const std::string& release) {
  constexpr std::string_view key = "JAVA_VERSION=\"";
  auto at = release.find(key);
  return at == std::string::npos ? 0 : std::atoi(&release[at + key.size()]);
}

std::string describe(const fs::path& file) {
  std::error_code ec;
  auto size = fs::file_size(file, ec);
  auto time = fs::last_write_time(file, ec).time_since_epoch().count();
  return file.string() + ' ' + std::to_string(size) + ' ' + std::to_string(time)
         + '\n';
}

std::string digest(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         bytes.data());
  std::string result;
  for (auto byte : bytes)
    for (auto nibble : {byte >> 4, byte & 0xf})
      result += "0123456789abcdef"[nibble];
  return result;
}

bool has_archive(const process_spec& command) {
  return std::any_of(command.argv.begin(), command.argv.end(), [](auto& x) {
    return x.starts_with("-Xshare") || x.starts_with("-XX:SharedArchiveFile")
           || x.starts_with("-XX:ArchiveClassesAtExit");
  });
}

process_spec with_options(process_spec command,
                          const std::vector<std::string>& options) {
  command.argv.insert(options_of(command), options.begin(), options.end());
  return command;
}

} // namespace

bool class_archive::there() const {
  std::error_code ec;
  return fs::exists(file, ec);
}

std::optional<class_archive> archive_for(const process_spec& command,
                                         const std::string& agent_jar,
                                         const std::string& folder,
                                         std::string& reason) {
  auto at = class_path_at(command);
  if (at == 0 || has_archive(command))
    return std::nullopt;
  auto path = read_class_path(command.argv[at]);
  if (!path)
    return std::nullopt;
  fs::path java{command.argv[at - 2]};
  std::error_code ec;
  auto release
    = text_of(fs::canonical(java, ec).parent_path().parent_path() / "release");
  auto version = java_version(release);
  if (version < first_java_that_can) {
    reason = java.string() + " is Java "
             + (version == 0 ? "of unknown version" : std::to_string(version))
             + "; archives of classes need 13 or newer";
    return std::nullopt;
  }
  auto jars = fs::path{path->jars}.parent_path();
  std::vector<std::string> files;
  for (const auto& x : fs::directory_iterator{jars, ec})
    files.push_back(describe(x.path()));
  std::sort(files.begin(), files.end());
  auto all = java.string() + '\n' + release + describe(agent_jar);
  for (const auto& x : files)
    all += x;
  // The first half of the name identifies the distribution, so that its older
  // archives can be found.
  auto home = digest(jars.string()).substr(0, 12);
  return class_archive{
    folder + "/" + home + "-" + digest(all).substr(0, 32) + ".jsa",
    jars.parent_path().string() + ", Java " + std::to_string(version)};
}

process_spec with_archive(process_spec command, const class_archive& archive) {
  auto& text = command.argv[class_path_at(command)];
  auto path = *read_class_path(text);
  auto entries = archived(path);
  entries.insert(entries.end(), path.conf.begin(), path.conf.end());
  entries.insert(entries.end(), path.rest.begin(), path.rest.end());
  text = join(entries);
  return with_options(std::move(command),
                      {"-XX:SharedArchiveFile=" + archive.file, "-Xshare:auto",
                       "-Xlog:cds=off", "-Xlog:cds+dynamic=off"});
}

process_spec archiving(process_spec command, const std::string& scratch) {
  auto& text = command.argv[class_path_at(command)];
  text = join(archived(*read_class_path(text)));
  auto result = with_options(std::move(command),
                             {"-XX:ArchiveClassesAtExit=" + scratch,
                              "-Xlog:cds=off", "-Xlog:cds+dynamic=off"});
  result.argv.insert(result.argv.begin(), {"nice", "-n", "19"});
  return result;
}

} // namespace hearth::launch

// Basic credentials are read as they were sent or not at all. The file of users
// is read or refused without a word of what stands in it; what was read can be
// written, and reads the same again.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <openssl/evp.h>

#include "http/routes/doorkeeper.hpp"
#include "store/files/users_file.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

namespace fs = std::filesystem;

std::string basic(const std::string& text) {
  std::string result((text.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                  reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  result.pop_back();
  return "Basic " + result;
}

void check_header(std::string_view header) {
  auto x = http::read_basic(header);
  if (!x)
    return;
  require(x->name.find(':') == std::string::npos, "a name has no colon");
  auto y = http::read_basic(basic(x->name + ':' + x->password));
  require(y && y->name == x->name && y->password == x->password,
          "credentials read as themselves");
}

void check_encoded(std::string_view text) {
  auto x = http::read_basic(basic(std::string{text}));
  auto colon = text.find(':');
  require(x.has_value() == (colon != std::string_view::npos),
          "what has a colon is credentials");
  if (!x)
    return;
  require_equal(x->name, text.substr(0, colon), "the name is what was sent");
  require_equal(x->password, text.substr(colon + 1), "so is the password");
}

/// In memory, gone with the process.
class scratch {
public:
  scratch() {
    std::string name = "/dev/shm/hearth-fuzz-XXXXXX";
    require(::mkdtemp(name.data()) != nullptr, "a folder in memory");
    folder_ = name;
  }
  ~scratch() {
    fs::remove_all(folder_);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  fs::path file() const {
    return folder_ / "users";
  }

private:
  fs::path folder_;
};

void check_users(std::string_view text) {
  static const scratch folder;
  auto file = folder.file();
  fs::remove(file);
  std::ofstream{file, std::ios::binary} << text;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  try {
    auto users = read_users(file);
    for (const auto& [name, x] : users)
      require(is_user_name(name) && conf::parse_permissions(x.permissions),
              "users are right");
    write_users(file, users);
    auto again = read_users(file);
    require(again.size() == users.size()
              && std::equal(users.begin(), users.end(), again.begin(),
                            [](const auto& x, const auto& y) {
                              return x.first == y.first
                                     && x.second.hash == y.second.hash
                                     && x.second.permissions
                                          == y.second.permissions;
                            }),
            "users read as themselves");
  } catch (const users_error& e) {
    std::string_view what = e.what();
    require(what.starts_with(file.string() + ", line "), "an error has a line");
    require(what.size() < file.string().size() + 100, "and quotes nothing");
  }
}

} // namespace

void one(std::string_view input) {
  check_header(input);
  check_encoded(input);
  check_users(input);
}

} // namespace hearth::fuzz

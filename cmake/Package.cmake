# `cmake --install`, and the Debian package that cpack makes of it. Completion scripts and manual pages are asked of
# the program itself while it is installed: they are made of its table of commands.
include(GNUInstallDirs)

option(WEIR_DEBIAN "Install as the Debian package does: for `cpack -G DEB`, with the prefix /usr" OFF)
set(WEIR_MAINTAINER "weir maintainers <weir@localhost.localdomain>" CACHE STRING
  "Maintainer of the package, NAME <ADDRESS>")
string(TIMESTAMP WEIR_CHANGELOG_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)

set(pages ${CMAKE_BINARY_DIR}/pages)
find_program(WEIR_GZIP gzip)
install(TARGETS weir RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(CODE "
  file(REMOVE_RECURSE \"${pages}\")
  file(MAKE_DIRECTORY \"${pages}\")
  foreach(shell bash zsh fish)
    execute_process(COMMAND \"$<TARGET_FILE:weir>\" completion \${shell}
      OUTPUT_FILE \"${pages}/weir.\${shell}\" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  execute_process(COMMAND \"$<TARGET_FILE:weir>\" man \"${pages}/man1\" COMMAND_ERROR_IS_FATAL ANY)")
if(WEIR_GZIP)
  install(CODE "
    file(GLOB manuals \"${pages}/man1/*.1\")
    execute_process(COMMAND \"${WEIR_GZIP}\" -9n \${manuals} COMMAND_ERROR_IS_FATAL ANY)")
endif()
install(DIRECTORY ${pages}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${pages}/weir.bash RENAME weir
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${pages}/weir.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
if(WEIR_DEBIAN)
  install(FILES ${pages}/weir.zsh RENAME _weir DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
else()
  install(FILES ${pages}/weir.zsh RENAME _weir DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endif()

configure_file(packaging/weir.service.in packaging/weir.service @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/packaging/weir.service DESTINATION lib/systemd/system)
file(GLOB documents docs/*.md)
install(FILES README.md ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/flow.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

if(NOT WEIR_DEBIAN)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
else()
  configure_file(packaging/debian/changelog.in packaging/changelog @ONLY)
  install(CODE "execute_process(COMMAND gzip -9nkf \"${CMAKE_BINARY_DIR}/packaging/changelog\"
    COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${CMAKE_BINARY_DIR}/packaging/changelog.gz packaging/debian/copyright
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(FILES packaging/debian/default RENAME weir DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/default)
  install(DIRECTORY DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/weir)

  set(debian ${CMAKE_SOURCE_DIR}/packaging/debian)
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGE_NAME weir)
  set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
  set(CPACK_SET_DESTDIR ON)
  set(CPACK_INSTALL_PREFIX /usr)
  set(CPACK_STRIP_FILES ON)
  set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps tables up to date from JSON journals, and fires webhooks")
  file(READ ${debian}/description CPACK_DEBIAN_PACKAGE_DESCRIPTION)
  string(STRIP "${CPACK_DEBIAN_PACKAGE_DESCRIPTION}" CPACK_DEBIAN_PACKAGE_DESCRIPTION)
  set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${WEIR_MAINTAINER}")
  set(CPACK_DEBIAN_PACKAGE_SECTION database)
  set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser")
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "age, sqlite3")
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
  set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  include(CPack)
endif()

; The Windows installer.  makensis runs on Linux too, so that this file is compiled wherever it changes.
; usage: makensis -DVERSION=0.1.0 -DBUNDLE=FOLDER -DICON=FILE.ico -DOUT=FILE.exe descant.nsi

Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma
SetCompressorDictSize 64

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_INSTDIR "Descant"
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "Software\Descant"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "Mode"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "Software\Descant"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "Folder"
!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include x64.nsh

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Descant"
!define CLASSES "Software\Classes"

Name "Descant"
OutFile "${OUT}"
BrandingText "Descant ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Descant"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Descant installer"
VIAddVersionKey "LegalCopyright" "The Descant authors, MIT licensed"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\descant.exe"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!macro OfferType EXTENSION CLASS
  ; offered under "Open with"; what opens these files today goes on doing so
  WriteRegStr SHCTX "${CLASSES}\${EXTENSION}\OpenWithProgids" "${CLASS}" ""
  WriteRegStr SHCTX "Software\Descant\Capabilities\FileAssociations" "${EXTENSION}" "${CLASS}"
!macroend

!macro DescribeClass CLASS TITLE
  WriteRegStr SHCTX "${CLASSES}\${CLASS}" "" "${TITLE}"
  WriteRegStr SHCTX "${CLASSES}\${CLASS}\DefaultIcon" "" "$INSTDIR\descant.exe,0"
  WriteRegStr SHCTX "${CLASSES}\${CLASS}\shell\open\command" "" '"$INSTDIR\descant.exe" "%1"'
!macroend

!macro RemoveProgram
  ; only what the installer put there: a user's own files in this folder stay
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\descant.exe"
  Delete "$INSTDIR\descant-cli.exe"
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "Descant needs a 64-bit Windows." /SD IDOK
    Abort
  ${EndIf}
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

Section "Descant"
  SetOutPath "$INSTDIR"
  !insertmacro RemoveProgram ; an upgrade must not mix libraries of two versions
  File /r "${BUNDLE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Descant.lnk" "$INSTDIR\descant.exe"

  !insertmacro DescribeClass "Descant.Project" "Descant project"
  !insertmacro DescribeClass "Descant.Midi" "MIDI file"
  !insertmacro OfferType ".mid" "Descant.Midi"
  !insertmacro OfferType ".midi" "Descant.Midi"
  !insertmacro OfferType ".kar" "Descant.Midi"
  !insertmacro OfferType ".descant" "Descant.Project"
  WriteRegStr SHCTX "${CLASSES}\.descant" "" "Descant.Project" ; our own type is ours
  WriteRegStr SHCTX "Software\Descant\Capabilities" "ApplicationName" "Descant"
  WriteRegStr SHCTX "Software\Descant\Capabilities" "ApplicationDescription" "A piano roll that composes with you"
  WriteRegStr SHCTX "Software\RegisteredApplications" "Descant" "Software\Descant\Capabilities"

  WriteRegStr SHCTX "Software\Descant" "Folder" "$INSTDIR"
  WriteRegStr SHCTX "Software\Descant" "Mode" "$MultiUser.InstallMode"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "Descant"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\descant.exe,0"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "The Descant authors"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" $0
  ${RefreshShellIcons}
SectionEnd

Section "Uninstall"
  ; settings, recovery journals and SoundFonts in the user's own folders stay
  !insertmacro RemoveProgram
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Descant.lnk"
  DeleteRegValue SHCTX "${CLASSES}\.mid\OpenWithProgids" "Descant.Midi"
  DeleteRegValue SHCTX "${CLASSES}\.midi\OpenWithProgids" "Descant.Midi"
  DeleteRegValue SHCTX "${CLASSES}\.kar\OpenWithProgids" "Descant.Midi"
  DeleteRegKey SHCTX "${CLASSES}\.descant"
  DeleteRegKey SHCTX "${CLASSES}\Descant.Project"
  DeleteRegKey SHCTX "${CLASSES}\Descant.Midi"
  DeleteRegValue SHCTX "Software\RegisteredApplications" "Descant"
  DeleteRegKey SHCTX "Software\Descant"
  DeleteRegKey SHCTX "${UNINSTALL}"
  ${RefreshShellIcons}
SectionEnd

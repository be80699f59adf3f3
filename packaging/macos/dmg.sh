#!/bin/bash
# Signs Descant.app and puts it into a disk image.  With an identity in DESCANT_SIGN_AS it is a
# Developer ID signature, else an ad-hoc one, which is what Apple silicon needs to start it at all;
# with a keychain profile in DESCANT_NOTARY it is notarised and stapled too.
# usage: dmg.sh Descant.app OUT.dmg
set -eu
app=$1 image=$2
here=$(cd "$(dirname "$0")" && pwd)
identity=${DESCANT_SIGN_AS:--}

sign() {
  if [ "$identity" = - ]; then codesign --force --sign - "$@"; else
    codesign --force --timestamp --options runtime --sign "$identity" "$@"
  fi
}

# From the inside out: a signature covers what it contains.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 | while IFS= read -r -d '' library; do
  sign "$library"
done
sign --entitlements "$here/entitlements.plist" "$app"
codesign --verify --deep --strict "$app"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
rm -f "$image"
hdiutil create -quiet -volname Descant -srcfolder "$folder" -fs HFS+ -format UDZO -imagekey zlib-level=9 "$image"

if [ "$identity" != - ]; then codesign --timestamp --sign "$identity" "$image"; fi
if [ -n "${DESCANT_NOTARY:-}" ]; then
  xcrun notarytool submit --wait --keychain-profile "$DESCANT_NOTARY" "$image"
  xcrun stapler staple "$image"
fi

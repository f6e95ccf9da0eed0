"""The kinds of transform, one file each, registered here."""

from __future__ import annotations

from accounts.lib.registry import Registry
from accounts.profiles.transforms.account_attribute import AccountAttribute
from accounts.profiles.transforms.base import TransformType
from accounts.profiles.transforms.base64_decode import Base64Decode
from accounts.profiles.transforms.base64_encode import Base64Encode
from accounts.profiles.transforms.concat import Concat
from accounts.profiles.transforms.conditional import Conditional
from accounts.profiles.transforms.date_compare import DateCompare
from accounts.profiles.transforms.date_format import DateFormat
from accounts.profiles.transforms.date_math import DateMath
from accounts.profiles.transforms.decompose_diacritical_marks import DecomposeDiacriticalMarks
from accounts.profiles.transforms.display_name import DisplayName
from accounts.profiles.transforms.e164_phone import E164Phone
from accounts.profiles.transforms.first_valid import FirstValid
from accounts.profiles.transforms.identity_attribute import IdentityAttribute
from accounts.profiles.transforms.index_of import IndexOf
from accounts.profiles.transforms.iso3166 import Iso3166
from accounts.profiles.transforms.join import Join
from accounts.profiles.transforms.last_index_of import LastIndexOf
from accounts.profiles.transforms.left_pad import LeftPad
from accounts.profiles.transforms.lookup import Lookup
from accounts.profiles.transforms.lower import Lower
from accounts.profiles.transforms.normalize_names import NormalizeNames
from accounts.profiles.transforms.random_alphanumeric import RandomAlphaNumeric
from accounts.profiles.transforms.random_numeric import RandomNumeric
from accounts.profiles.transforms.random_uuid import RandomUuid
from accounts.profiles.transforms.reference import Reference
from accounts.profiles.transforms.replace import Replace
from accounts.profiles.transforms.replace_all import ReplaceAll
from accounts.profiles.transforms.rfc5646 import Rfc5646
from accounts.profiles.transforms.right_pad import RightPad
from accounts.profiles.transforms.rule_generate_random_string import GenerateRandomString
from accounts.profiles.transforms.rule_get_end_of_string import GetEndOfString
from accounts.profiles.transforms.rule_get_reference_identity_attribute import (
    GetReferenceIdentityAttribute,
)
from accounts.profiles.transforms.split import Split
from accounts.profiles.transforms.static import Static
from accounts.profiles.transforms.substring import Substring
from accounts.profiles.transforms.trim import Trim
from accounts.profiles.transforms.upper import Upper
from accounts.profiles.transforms.username_generator import UsernameGenerator

transform_types: Registry[TransformType] = Registry("transform type")
"""By the type of a definition; the operations of rules by `rule:` and their name."""

transform_types.register("accountAttribute", AccountAttribute())
transform_types.register("base64Decode", Base64Decode())
transform_types.register("base64Encode", Base64Encode())
transform_types.register("concat", Concat())
transform_types.register("conditional", Conditional())
transform_types.register("dateCompare", DateCompare())
transform_types.register("dateFormat", DateFormat())
transform_types.register("dateMath", DateMath())
transform_types.register("decomposeDiacriticalMarks", DecomposeDiacriticalMarks())
transform_types.register("displayName", DisplayName())
transform_types.register("e164phone", E164Phone())
transform_types.register("firstValid", FirstValid())
transform_types.register("identityAttribute", IdentityAttribute())
transform_types.register("indexOf", IndexOf())
transform_types.register("iso3166", Iso3166())
transform_types.register("join", Join())
transform_types.register("lastIndexOf", LastIndexOf())
transform_types.register("leftPad", LeftPad())
transform_types.register("lookup", Lookup())
transform_types.register("lower", Lower())
transform_types.register("normalizeNames", NormalizeNames())
transform_types.register("randomAlphaNumeric", RandomAlphaNumeric())
transform_types.register("randomNumeric", RandomNumeric())
transform_types.register("reference", Reference())
transform_types.register("replace", Replace())
transform_types.register("replaceAll", ReplaceAll())
transform_types.register("rfc5646", Rfc5646())
transform_types.register("rightPad", RightPad())
transform_types.register("rule:generateRandomString", GenerateRandomString())
transform_types.register("rule:getEndOfString", GetEndOfString())
transform_types.register("rule:getReferenceIdentityAttribute", GetReferenceIdentityAttribute())
transform_types.register("split", Split())
transform_types.register("static", Static())
transform_types.register("substring", Substring())
transform_types.register("trim", Trim())
transform_types.register("upper", Upper())
transform_types.register("usernameGenerator", UsernameGenerator())
transform_types.register("uuid", RandomUuid())

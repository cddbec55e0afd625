"""The only place with SQL: an append-only log of what readers did, the views on it, the pixels, exports and backups."""

from vfrac_core.store.annotations import AnnotationStore as AnnotationStore
from vfrac_core.store.backup import backup as backup
from vfrac_core.store.records import ANNOTATE as ANNOTATE
from vfrac_core.store.records import REFERENCE as REFERENCE
from vfrac_core.store.records import Anchor as Anchor
from vfrac_core.store.records import Annotation as Annotation
from vfrac_core.store.records import BodyHeights as BodyHeights
from vfrac_core.store.records import CaseRecord as CaseRecord
from vfrac_core.store.records import Phase as Phase
from vfrac_core.store.records import Progress as Progress
from vfrac_core.store.records import Reader as Reader
from vfrac_core.store.records import Reading as Reading
from vfrac_core.store.records import Receipt as Receipt
from vfrac_core.store.records import SignAnswer as SignAnswer
from vfrac_core.store.records import utc_now as utc_now
from vfrac_core.store.teaching import add_arrows as add_arrows
from vfrac_core.store.teaching import answer_was_shown as answer_was_shown
from vfrac_core.store.teaching import arrows_of as arrows_of
from vfrac_core.store.teaching import note_answer_shown as note_answer_shown
from vfrac_core.store.verify import VerifyReport as VerifyReport
from vfrac_core.store.verify import verify as verify
from vfrac_core.store.volumes import VolumeLibrary as VolumeLibrary
from vfrac_core.store.volumes import pixel_sha256 as pixel_sha256

"""Diagnosis: from what a run observed to named causes, each with the evidence for it and the next step.

Pure functions. Nothing is named without evidence, and nothing at all when no promise is broken or unjudged.
"""

from catalog_contract.diagnosis.blind import limits
from catalog_contract.diagnosis.causes import CAUSES, diagnose

__all__ = ["CAUSES", "diagnose", "limits"]
